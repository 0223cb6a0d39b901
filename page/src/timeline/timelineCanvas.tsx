import { type KeyboardEvent, type PointerEvent, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { useSite } from "../api/queries";
import { useSiteTimeZone } from "../format/siteTimeZone";
import { useFormat } from "../format/format";
import { textDirection, timelineDirection, usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import { useDesk, useDeskState } from "./desk";
import { Gestures } from "./gestures";
import { HoverCard } from "./hoverCard";
import { makeLabels } from "./labels";
import { laneAt, type Lane } from "./lanes";
import { moveByKey } from "./moveByKey";
import { Stage } from "./stage";
import styles from "./timeline.module.css";
import { timeAt } from "./view";
import { DAY_US } from "./zoneTime";

export interface Hover {
  x: number;
  us: number;
  lane: Lane | undefined;
}

/** Screens on which another instant can be shown at once; from the others the timeline leads to playback. */
const SHOWS_TIME = ["/playback", "/events"];
const SPOKEN_EVERY_MS = 5_000;

export function TimelineCanvas({ names, narrow }: { names: ReadonlyMap<string, string>; narrow: boolean }) {
  const t = useWords();
  const desk = useDesk();
  const { cameras, focused, selecting } = useDeskState();
  const chosen = usePreferences();
  const siteZone = useSiteTimeZone();
  const site = useSite();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [hover, setHover] = useState<Hover | null>(null);
  const [stage, setStage] = useState<Stage | null>(null);
  const holder = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const direction = timelineDirection(chosen);
  const zone = chosen.clock === "utc" ? "UTC" : siteZone;

  const showTime = useEffectEvent(() => {
    if (!SHOWS_TIME.some((path) => pathname.startsWith(path))) void navigate("/playback");
  });

  useEffect(() => {
    if (!base.current || !over.current || !holder.current) return;
    const created = new Stage(base.current, over.current, desk);
    const observer = new ResizeObserver(([entry]) => {
      if (entry) created.resize(entry.contentRect.width);
    });
    observer.observe(holder.current);
    setStage(created);
    return () => {
      observer.disconnect();
      created.dispose();
    };
  }, [desk]);

  const labels = useMemo(
    () => makeLabels({ language: chosen.language, digits: chosen.digits }, zone),
    [chosen.language, chosen.digits, zone],
  );
  const retention_days = Math.max(site.data?.retention_days ?? 30, 1);
  useEffect(() => {
    stage?.appear({
      zone,
      direction,
      textDirection: textDirection(chosen.language),
      font: '12px "Plex Latin", "Plex Arabic", system-ui, sans-serif',
      labelOf: labels.tick,
      dayLabelOf: labels.day,
    });
  }, [stage, zone, direction, chosen.language, chosen.theme, labels]);
  useEffect(() => {
    desk.setOldest(desk.edge_us - retention_days * DAY_US);
  }, [desk, retention_days]);

  const gestures = useRef<Gestures | null>(null);
  useEffect(() => {
    const element = holder.current;
    if (!stage || !element) return;
    const created = new Gestures({
      view: () => desk.view,
      setView: (view) => desk.setView(view),
      playhead_us: () => desk.clock.position_us(),
      selection: () => desk.state.selection,
      setSelection: (selection, y) => {
        const lane = laneAt(stage.lanes, y);
        desk.set({ selection, selecting: false, ...(lane ? { focused: lane.camera } : {}) });
      },
      scrub: (us, final) => {
        desk.clock.seek(us);
        if (final) showTime();
      },
      tap: (us, y) => {
        const lane = laneAt(stage.lanes, y);
        if (lane) desk.set({ focused: lane.camera });
        desk.clock.seek(us);
        showTime();
      },
      selecting: () => desk.state.selecting,
    });
    gestures.current = created;
    // React's wheel listener is passive; the page must not scroll under the timeline.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
      created.wheel(event.clientX - box.left, event.deltaX * unit, event.deltaY * unit, event.shiftKey);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [desk, stage]);

  const place = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { id: event.pointerId, x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const hoverAt = (x: number, y: number, scrubbing: boolean) => {
    if (!stage) return;
    stage.hoverAt(x);
    const lane = laneAt(stage.lanes, y) ?? stage.lanes.find((one) => one.camera === focused) ?? stage.lanes[0];
    const us = timeAt(desk.view, x);
    if (lane && us < desk.edge_us) desk.previews.want(lane.camera, us, desk.view.us_per_px * (scrubbing ? 2 : 6));
    setHover({ x, us, lane });
  };
  const leave = () => {
    if (!stage) return;
    stage.hoverAt(null);
    desk.previews.forgetWish();
    setHover(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (moveByKey(event, desk)) event.preventDefault();
  };

  return (
    <div className={styles.lanes}>
      {!narrow && (
        <ul className={styles.names}>
          {(stage?.lanes ?? []).map((lane) => (
            <li
              key={lane.camera}
              data-focused={lane.camera === focused ? "yes" : "no"}
              style={{ insetBlockStart: lane.top, blockSize: lane.height, fontSize: Math.min(12, lane.height - 2) }}
            >
              <bdi>{names.get(lane.camera) ?? lane.camera}</bdi>
            </li>
          ))}
        </ul>
      )}
      <div
        ref={holder}
        className={styles.canvas}
        data-selecting={selecting ? "yes" : "no"}
        style={{ blockSize: stage?.height_px }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          gestures.current?.down(place(event), event.shiftKey);
        }}
        onPointerMove={(event) => {
          const hand = place(event);
          gestures.current?.move(hand);
          if (event.pointerType !== "touch" || gestures.current?.scrubbing)
            hoverAt(hand.x, hand.y, !!gestures.current?.scrubbing);
        }}
        onPointerUp={(event) => {
          gestures.current?.up(place(event));
          if (event.pointerType === "touch") leave();
        }}
        onPointerCancel={() => gestures.current?.cancel()}
        onPointerLeave={leave}
      >
        <canvas ref={base} aria-hidden />
        <canvas ref={over} aria-hidden />
        <PlayheadSlider onKeyDown={onKeyDown} label={t("timeline.playhead")} laneCount={cameras.length} />
        {hover && <HoverCard hover={hover} names={names} />}
      </div>
    </div>
  );
}

/** The playhead for keyboard and screen readers: a slider over all of recorded time. */
function PlayheadSlider({
  label,
  onKeyDown,
  laneCount,
}: {
  label: string;
  onKeyDown: (event: KeyboardEvent) => void;
  laneCount: number;
}) {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const slider = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let seeks = -1;
    const speak = () => {
      const us = desk.clock.position_us();
      const text = desk.clock.state.live ? t("timeline.live") : format.dateTime(us);
      slider.current?.setAttribute("aria-valuenow", String(Math.round(us / 1e6)));
      slider.current?.setAttribute("aria-valuetext", text);
    };
    const stop = desk.clock.subscribe(() => {
      if (desk.clock.state.seeks === seeks) return;
      seeks = desk.clock.state.seeks;
      speak();
    });
    const timer = setInterval(speak, SPOKEN_EVERY_MS);
    speak();
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [desk, format, t]);
  return (
    <div
      ref={slider}
      className={styles.slider}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={4_102_444_800}
      aria-valuenow={0}
      data-lanes={laneCount}
      onKeyDown={onKeyDown}
    />
  );
}
