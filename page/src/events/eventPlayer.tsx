import { Check, Download, ExternalLink, Lock, RotateCcw, TriangleAlert, Undo2 } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";

import type { Camera, DetectedEvent } from "../api/shapes";
import { Button } from "../controls/button";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { CameraTile } from "../playback/cameraTile";
import { GoToDialog } from "../playback/goToDialog";
import { TrackSet } from "../playback/trackSet";
import { Transport } from "../playback/transport";
import { useNearbyEvent } from "../playback/useNearbyEvent";
import { usePlaybackKeys } from "../playback/usePlaybackKeys";
import { useDesk } from "../timeline/desk";
import { spanning, spanOf } from "../timeline/view";
import { MINUTE_US } from "../timeline/zoneTime";
import { useClassName } from "../words/className";
import { useWords } from "../words/language";
import styles from "./events.module.css";
import { PathOverlay } from "./pathOverlay";
import { useSetSeen } from "./queries";

const LEAD_US = 1_500_000;
const TAIL_US = 2_000_000;
/** What is held or exported of an event: what led to it, and what came of it. */
const BEFORE_US = 10_000_000;
const AFTER_US = 10_000_000;
/** A timeline that shows more than this is brought nearer, so that the event is more than a dot. */
const WIDE_US = 30 * MINUTE_US;
const AROUND_US = 5 * MINUTE_US;

/** An event's footage at its time, with the path over it, and what the detector thought. */
export function EventPlayer({ event, camera }: { event: DetectedEvent; camera: Camera }) {
  const t = useWords();
  const desk = useDesk();
  const [tracks] = useState(() => new TrackSet(desk.clock));
  const [goingTo, setGoingTo] = useState(false);
  const nearbyEvent = useNearbyEvent();
  const { id, start_us } = event;

  useEffect(() => {
    desk.show([camera.id], camera.id);
    if (spanOf(desk.view) > WIDE_US)
      desk.setView(spanning(desk.view, start_us - AROUND_US, start_us + AROUND_US), false);
    desk.clock.setRate(1);
    desk.clock.seek(start_us - LEAD_US);
    desk.clock.play();
    // Only when another event is opened: one that goes on must not jump back with each sighting.
  }, [camera.id, desk, id, start_us]);

  useStopAfter(event);
  usePlaybackKeys({ cameras: [], tracks, onGoTo: () => setGoingTo(true), onEvent: nearbyEvent });

  return (
    <div className={styles.player}>
      <EventHeader event={event} camera={camera} />
      <div className={styles.stage}>
        <CameraTile
          key={camera.id}
          camera={camera}
          stream={camera.streams.some(({ name }) => name === "main") ? "main" : "sub"}
          number={1}
          tracks={tracks}
          isFocused={false}
          isEnlarged={false}
          onFocus={() => undefined}
          overlay={(size) => <PathOverlay event={event} clock={desk.clock} {...size} />}
        />
      </div>
      <Transport tracks={tracks} onGoTo={() => setGoingTo(true)} onEvent={nearbyEvent} />
      {goingTo && <GoToDialog onClose={() => setGoingTo(false)} />}
      <p className="visually-hidden">{t("events.opinionNote")}</p>
    </div>
  );
}

/** The footage stops by itself a little after the event, once; whoever plays on from there is not stopped again. */
function useStopAfter(event: DetectedEvent): void {
  const desk = useDesk();
  const { id, end_us, ongoing } = event;
  useEffect(() => {
    if (ongoing) return;
    const { clock } = desk;
    let armed = true;
    const timer = setInterval(() => {
      const us = clock.position_us();
      if (us > end_us + TAIL_US + 1e6) armed = false;
      else if (us < end_us) armed = true;
      else if (armed && us >= end_us + TAIL_US && clock.state.playing && !clock.state.live) {
        armed = false;
        clock.pause();
      }
    }, 100);
    return () => clearInterval(timer);
  }, [desk, id, end_us, ongoing]);
}

function EventHeader({ event, camera }: { event: DetectedEvent; camera: Camera }) {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const className = useClassName();
  const setSeen = useSetSeen();
  const take = (dialog: "hold" | "export") => {
    const end_us = event.ongoing ? desk.edge_us : Math.min(event.end_us + AFTER_US, desk.edge_us);
    desk.set({ selection: { start_us: event.start_us - BEFORE_US, end_us }, dialog });
  };
  return (
    <header className={styles.header}>
      <div className={styles.opinion}>
        <h2>
          {event.alert && <TriangleAlert size={18} className={styles.alertMark} aria-label={t("events.alert")} />}
          {t("events.opinion", { class: className(event.class), score: format.percent(event.score) })}
        </h2>
        <p className="small muted">
          <bdi>{camera.name}</bdi> · <Moment time_us={event.start_us} show="dateTime" /> ·{" "}
          {event.ongoing
            ? t("events.ongoing")
            : t("events.lasted", { duration: format.duration((event.end_us - event.start_us) / 1e6) })}
          {event.seen && <> · {t("events.seenBy", { name: event.seen.by })}</>}
        </p>
      </div>
      <Button
        icon
        aria-label={t("events.replay")}
        onPress={() => {
          desk.clock.seek(event.start_us - LEAD_US);
          desk.clock.play();
        }}
      >
        <RotateCcw size={16} aria-hidden />
      </Button>
      <Button onPress={() => take("hold")}>
        <Lock size={16} aria-hidden />
        <span className={styles.actionLabel}>{t("timeline.hold")}</span>
      </Button>
      <Button onPress={() => take("export")}>
        <Download size={16} aria-hidden />
        <span className={styles.actionLabel}>{t("timeline.export")}</span>
      </Button>
      <Link className="button" to={`/playback?cameras=${encodeURIComponent(camera.id)}&at=${event.start_us}`}>
        <ExternalLink size={16} aria-hidden />
        <span className={styles.actionLabel}>{t("events.inPlayback")}</span>
      </Link>
      <Button
        look={event.seen ? "plain" : "primary"}
        isDisabled={setSeen.isPending}
        onPress={() => setSeen.mutate({ event: event.id, seen: !event.seen })}
      >
        {event.seen ? <Undo2 size={16} aria-hidden /> : <Check size={16} aria-hidden />}
        {t(event.seen ? "events.markUnseen" : "events.markSeen")}
      </Button>
    </header>
  );
}
