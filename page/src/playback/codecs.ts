const SPECIMENS: readonly (readonly [RegExp, string])[] = [
  [/^(hevc|h\.?265|hvc1|hev1)/i, 'video/mp4; codecs="hvc1.1.6.L93.B0"'],
  [/^(av1|av01)/i, 'video/mp4; codecs="av01.0.04M.08"'],
];

/** The name people know: "hevc" and "hvc1.1.6…" are H.265 to whoever bought the camera. */
export function codecName(codec: string | undefined): string {
  if (codec === undefined || /^(hevc|h\.?265|hvc1|hev1)/i.test(codec)) return "H.265";
  return /^(av1|av01)/i.test(codec) ? "AV1" : codec;
}

/** True only when this browser is known to refuse the codec; H.264 plays everywhere. */
export function cannotPlay(codec: string | undefined): boolean {
  const specimen = SPECIMENS.find(([name]) => codec !== undefined && name.test(codec))?.[1];
  return specimen !== undefined && !MediaSource.isTypeSupported(specimen);
}
