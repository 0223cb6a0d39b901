import { type RefObject, useEffect, useState } from "react";

export interface PictureSize {
  width: number;
  height: number;
}

/** The size of the pictures that the videos inside an element show; null before the first one. */
export function usePictureSize(host: RefObject<HTMLElement | null>): PictureSize | null {
  const [size, setSize] = useState<PictureSize | null>(null);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const learn = ({ target }: Event) => {
      if (target instanceof HTMLVideoElement && target.videoWidth > 0) {
        setSize({ width: target.videoWidth, height: target.videoHeight });
      }
    };
    // These events do not bubble, but they are captured on the way down.
    element.addEventListener("loadedmetadata", learn, true);
    element.addEventListener("resize", learn, true);
    return () => {
      element.removeEventListener("loadedmetadata", learn, true);
      element.removeEventListener("resize", learn, true);
    };
  }, [host]);
  return size;
}
