import { createContext, useContext } from "react";

import { useFormat } from "../format/format";
import { Code, Moment } from "../format/values";
import { useWords } from "../words/language";
import type { Verdict } from "./judge/findings";
import styles from "./verify.module.css";

/** Cameras by the names that the bundle gives them. */
export const CameraNames = createContext<ReadonlyMap<string, string>>(new Map());

export function cameraNames(about: Verdict["about"]): ReadonlyMap<string, string> {
  return new Map(about?.cameras.map(({ id, name }) => [id, name || id]));
}

export function useCameraName(): (where: string) => string {
  const names = useContext(CameraNames);
  return (where) => {
    const camera = where.split("/")[0] ?? where;
    return names.get(camera) ?? camera;
  };
}

const SEGMENT = /^([a-z0-9-]+)\/(?:main|sub) (\d+):(\d+)$/;

/** Where in a bundle: a segment in words, a file by its name. */
export function Place({ where }: { where: string }) {
  const t = useWords();
  const cameraName = useCameraName();
  const inWords = (one: string) => {
    const [, camera, recording, segment] = SEGMENT.exec(one) ?? [];
    if (camera === undefined) return null;
    return t("verify.segment", {
      camera: cameraName(camera),
      recording: Number(recording),
      // People count from one, files from nought.
      segment: Number(segment) + 1,
    });
  };
  const [first = "", second] = where.split(" … ").map(inWords);
  if (first && second) return <span>{t("verify.between", { one: first, other: second })}</span>;
  if (first) return <span>{first}</span>;
  return <Code>{where}</Code>;
}

const LAST_SHOWN_S = 253_402_300_799;

/** POSIX seconds that witnesses vouch for; null when nobody does. */
export function Proven({ time_s }: { time_s: number | null }) {
  const t = useWords();
  if (time_s === null) return <span>{t("verify.unproven")}</span>;
  if (time_s > LAST_SHOWN_S) return <Code>{String(time_s)}</Code>;
  return <Moment time_us={time_s * 1e6} show="dateTime" />;
}

export function Span({ start_us, end_us }: { start_us: number; end_us: number }) {
  const format = useFormat();
  const sameDay = format.date(start_us) === format.date(end_us);
  return (
    <span className={styles.span}>
      <Moment time_us={start_us} show="dateTime" />
      <span aria-hidden>–</span>
      <Moment time_us={end_us} show={sameDay ? "time" : "dateTime"} />
      <span className="muted">{format.duration((end_us - start_us) / 1e6)}</span>
    </span>
  );
}
