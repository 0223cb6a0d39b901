/** Words of the timeline, playback, events and exports. */
export const review = {
  timeline: { title: "Timeline" },
  playback: { title: "Playback" },
  events: { title: "Events" },
  exports: { title: "Exports" },
} as const;
