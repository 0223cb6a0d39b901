/** The timeline along the bottom of every screen. */
export function TimelineBar() {
  return null;
}
