import type { review as english } from "./en.review";
import type { ArabicOf } from "./shape";

export const review: ArabicOf<typeof english> = {
  timeline: { title: "الخط الزمني" },
  playback: { title: "التسجيلات" },
  events: { title: "الأحداث" },
  exports: { title: "المقاطع المصدَّرة" },
};
