import { useSyncExternalStore } from "react";

import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useClassName } from "../words/className";
import { type Words, useWords } from "../words/language";
import { useGapCause } from "./gapCause";
import { useDesk } from "./desk";
import { type Hit, hitAt } from "./lanes";
import { levelFor, resolutionOf } from "./levels";
import styles from "./timeline.module.css";
import type { Hover } from "./timelineCanvas";

const CARD_PX = 200;
const PICTURE_WITHIN_PX = 40;
const HIT_PX = 4;

/** What is under the pointer: the picture nearest to it, its time, and what the lane says there. */
export function HoverCard({ hover, names }: { hover: Hover; names: ReadonlyMap<string, string> }) {
  const t = useWords();
  const desk = useDesk();
  const gapCause = useGapCause();
  const { view } = desk;
  const { lane, us } = hover;
  const preview = useSyncExternalStore(
    (listener) => desk.previews.subscribe(listener),
    () =>
      lane ? desk.previews.nearest(lane.camera, us, Math.max(view.us_per_px * PICTURE_WITHIN_PX, 3e6)) : undefined,
  );
  const half = Math.min(CARD_PX, view.width_px) / 2;
  const left = Math.min(Math.max(hover.x, half), view.width_px - half);
  if (us > desk.edge_us) return null;
  const piece = lane && desk.tiles.pieces(view, lane.camera).find((one) => one.start_us <= us && us < one.end_us);
  const cell_us = resolutionOf(levelFor(view.us_per_px));
  const hit: Hit = piece ? hitAt(piece.lane, us, HIT_PX * view.us_per_px, cell_us) : { kind: "nothing" };
  return (
    // The canvas is measured from the left in both languages, and so is its card.
    <div
      className={styles.card}
      style={{ transform: `translateX(${left - half}px)`, inlineSize: half * 2 }}
      aria-hidden
    >
      {preview && <img src={preview.url} alt="" />}
      {preview === null && hit.kind !== "gap" && <div className={styles.noPicture}>{t("timeline.noPicture")}</div>}
      {hit.kind === "gap" && (
        <div className={styles.gapPicture}>
          <span>{t("timeline.gap", { cause: gapCause(hit.gap.cause) })}</span>
        </div>
      )}
      <div className={styles.cardText}>
        <strong>
          <Moment time_us={us} />
        </strong>
        {lane && <bdi>{names.get(lane.camera) ?? lane.camera}</bdi>}
        <HitText hit={hit} t={t} />
      </div>
    </div>
  );
}

function HitText({ hit, t }: { hit: Hit; t: Words }) {
  const format = useFormat();
  const className = useClassName();
  switch (hit.kind) {
    case "event":
      return (
        <span data-alert={hit.event.alert ? "yes" : "no"}>
          {t(hit.event.alert ? "timeline.alertOf" : "timeline.eventOf", { class: className(hit.event.class) })}
        </span>
      );
    case "count":
      return (
        <span>
          {hit.counts.map(({ class: name, count }) => `${className(name)} ${format.number(count)}`).join(" · ")}
        </span>
      );
    case "hold":
      return <span>{t("timeline.held")}</span>;
    case "gap":
      return (
        <span>
          {t("timeline.gapLasting", { duration: format.duration((hit.gap.end_us - hit.gap.start_us) / 1e6) })}
          {hit.gap.detail && (
            <>
              {" · "}
              <bdi>{hit.gap.detail}</bdi>
            </>
          )}
        </span>
      );
    default:
      return null;
  }
}
