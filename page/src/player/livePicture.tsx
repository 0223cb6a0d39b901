import { CirclePause, CloudOff, Unplug, Volume2, VolumeX } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";

import type { Camera, StreamName, StreamState } from "../api/shapes";
import { Button } from "../controls/button";
import { useFormat } from "../format/format";
import { useCauseName } from "../words/className";
import { useLocalised, useWords } from "../words/language";
import { LivePlayer, type LiveStatus } from "./live";
import styles from "./live.module.css";

const LATE_OVER_S = 2;

/** The stream to show: the wanted one, or whichever the camera has. */
export function streamToShow(camera: Camera, wanted: StreamName): StreamName {
  return camera.streams.some((stream) => stream.name === wanted) ? wanted : (camera.streams[0]?.name ?? "main");
}

function useLive(camera: Camera, stream: StreamName, transcode: boolean) {
  const video = useRef<HTMLVideoElement>(null);
  const [status, setStatus] = useState<LiveStatus>({ kind: "connecting" });
  const [told, setTold] = useState<StreamState | null>(null);
  useEffect(() => {
    const element = video.current;
    if (!element || !camera.enabled) return;
    const player = new LivePlayer(
      element,
      { camera: camera.id, stream, transcode },
      { onStatus: setStatus, onStreamState: setTold },
    );
    return () => player.close();
  }, [camera.id, camera.enabled, stream, transcode]);
  return { video, status, told };
}

/** Whether the picture can be believed to be of now; a picture that is not live looks different. */
function isLive(status: LiveStatus): boolean {
  return status.kind === "live";
}

interface Props {
  camera: Camera;
  wanted: StreamName;
  withSound?: boolean;
  number?: number;
}

/** One camera's live picture, with all it has to say about itself. */
export const LivePicture = memo(function LivePicture({ camera, wanted, withSound = false, number }: Props) {
  const t = useWords();
  const format = useFormat();
  const [transcode, setTranscode] = useState(false);
  const [muted, setMuted] = useState(true);
  const stream = streamToShow(camera, wanted);
  const { video, status, told } = useLive(camera, stream, transcode);
  const state = camera.state.streams[stream] ?? told;
  return (
    <div className={styles.picture} data-live={isLive(status) ? "yes" : "no"}>
      <video
        ref={video}
        className={styles.video}
        muted={muted}
        playsInline
        disablePictureInPicture
        aria-label={camera.name}
      />
      <Cover camera={camera} status={status} state={state} onTranscode={() => setTranscode(true)} />
      <div className={styles.caption}>
        <span className={styles.name}>
          {number !== undefined && <kbd>{format.number(number)}</kbd>}
          <bdi>{camera.name}</bdi>
        </span>
        {transcode && <span>{t("live.transcoded")}</span>}
        {withSound && state?.state === "recording" && camera.record_audio && (
          <Button
            look="quiet"
            icon
            className={styles.sound}
            aria-label={t(muted ? "live.unmute" : "live.mute")}
            onPress={() => setMuted(!muted)}
          >
            {muted ? <VolumeX size={16} aria-hidden /> : <Volume2 size={16} aria-hidden />}
          </Button>
        )}
        <Lateness status={status} />
      </div>
    </div>
  );
});

function Lateness({ status }: { status: LiveStatus }) {
  const t = useWords();
  const format = useFormat();
  if (status.kind === "live") {
    const late = status.lateness_s > LATE_OVER_S;
    const seconds = Math.round(status.lateness_s * 10) / 10;
    return (
      <span className={styles.lateness} data-late={late ? "yes" : "no"}>
        <i className={styles.dot} aria-hidden />
        {late ? (
          t("live.late", { seconds })
        ) : (
          <>
            {t("live.live")} <bdi>{t("live.lateness", { seconds })}</bdi>
          </>
        )}
      </span>
    );
  }
  if (status.kind === "stale") {
    return <span className={styles.old}>{t("live.stale", { time: format.time(status.last_us) })}</span>;
  }
  return null;
}

interface CoverProps {
  camera: Camera;
  status: LiveStatus;
  state: StreamState | null;
  onTranscode: () => void;
}

/** What stands over the picture while there is none, or none that is live: what is wrong, since when, why. */
function Cover({ camera, status, state, onTranscode }: CoverProps) {
  const t = useWords();
  if (!camera.enabled) {
    return (
      <div className={styles.cover}>
        <CirclePause size={26} aria-hidden />
        <p>{t("live.disabled")}</p>
      </div>
    );
  }
  switch (status.kind) {
    case "live":
      return null;
    case "unsupported":
      return (
        <div className={styles.cover}>
          <CloudOff size={26} aria-hidden />
          <p>{status.hevc ? t("live.hevc") : t("live.unsupported", { codecs: status.codecs })}</p>
          <Button onPress={onTranscode}>{t("live.transcode")}</Button>
        </div>
      );
    case "refused":
      return (
        <div className={styles.cover}>
          <CloudOff size={26} aria-hidden />
          <p>{t([1008, 4401, 4403].includes(status.code) ? "live.forbidden" : "live.refused")}</p>
        </div>
      );
    case "paused":
      return <div className={styles.cover}>{t("live.paused")}</div>;
    case "connecting":
      if (!state || state.state === "recording") {
        return (
          <div className={styles.cover}>
            <div className="loading-bar" />
            <p>{t("live.connecting")}</p>
          </div>
        );
      }
      return <Down state={state} />;
    case "stale":
      return state && state.state !== "recording" ? <Down state={state} /> : null;
  }
}

function Down({ state }: { state: StreamState }) {
  const t = useWords();
  const format = useFormat();
  const localised = useLocalised();
  const causeName = useCauseName();
  const since_us = state.gap?.start_us ?? state.since_us;
  return (
    <div className={styles.cover} data-down="yes">
      <Unplug size={26} aria-hidden />
      <p>
        <strong>{t(`live.states.${state.state}`)}</strong>
      </p>
      <p>{t("live.downSince", { time: format.dateTime(since_us) })}</p>
      {state.error ? (
        <p>{localised(state.error.message)}</p>
      ) : (
        state.gap && <p>{t("live.cause", { cause: causeName(state.gap.cause) })}</p>
      )}
    </div>
  );
}
