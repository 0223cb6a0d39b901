import { Camera as CameraIcon, Maximize2, Minimize2, SkipForward, Volume2, VolumeX } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import type { Camera, StreamName } from "../api/shapes";
import { Button } from "../controls/button";
import { useFormat } from "../format/format";
import { useDesk } from "../timeline/desk";
import { useGapCause } from "../timeline/gapCause";
import { useLocalised, useWords } from "../words/language";
import { cannotPlay, codecName } from "./codecs";
import styles from "./playback.module.css";
import { PreviewLayer } from "./previewLayer";
import { saveSnapshot } from "./snapshot";
import { Track, type TrackState } from "./track";
import type { TrackSet } from "./trackSet";
import { type PictureSize, usePictureSize } from "./usePictureSize";
import { useDigitalZoom } from "./useDigitalZoom";

/** One camera's recording: its picture, or the reason why there is none. */
export function CameraTile({
  camera,
  stream,
  number,
  tracks,
  isFocused,
  isEnlarged,
  onFocus,
  onEnlarge,
  live,
  overlay,
}: {
  camera: Camera;
  stream: StreamName;
  number: number;
  tracks: TrackSet;
  isFocused: boolean;
  isEnlarged: boolean;
  onFocus: () => void;
  /** Absent where there is only one picture. */
  onEnlarge?: () => void;
  /** Shown instead of the recording while the clock is at the live edge. */
  live?: ReactNode;
  /** Drawn over the picture and enlarged with it. */
  overlay?: (size: PictureSize) => ReactNode;
}) {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const element = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const track = useRef<Track | null>(null);
  const [state, setState] = useState<TrackState>({ kind: "loading" });
  const [transcode, setTranscode] = useState(false);
  const [sound, setSound] = useState(false);
  const zoom = useDigitalZoom(element);
  const size = usePictureSize(host);
  const codec = camera.state.streams[stream]?.codec ?? undefined;
  const unsupported = state.kind === "unsupported" || (!transcode && !live && cannotPlay(codec));
  const source = useRef({ camera: camera.id, stream, transcode });

  useEffect(() => {
    source.current = { camera: camera.id, stream, transcode };
    track.current?.load(source.current);
  }, [camera.id, stream, transcode]);

  useEffect(() => {
    if (!host.current || !element.current) return;
    const edge_us = () => desk.edge_us;
    const created = new Track(camera.id, host.current, desk.clock, edge_us, setState, source.current);
    track.current = created;
    const remove = tracks.add(camera.id, created, element.current);
    return () => {
      remove();
      created.dispose();
    };
  }, [camera.id, desk, tracks]);

  useEffect(() => track.current?.mute(!sound), [sound, state]);

  return (
    <div
      ref={element}
      className={styles.tile}
      role="group"
      aria-label={camera.name}
      data-camera={camera.id}
      data-focused={isFocused ? "yes" : "no"}
      data-state={state.kind}
      onPointerDown={onFocus}
      onDoubleClick={onEnlarge}
    >
      <div className={styles.picture} style={zoom.style}>
        <div ref={host} className={styles.videos} data-hidden={state.kind === "gap" || live ? "yes" : "no"} />
        {!live && (state.kind === "loading" || state.kind === "backwards") && !unsupported && (
          <PreviewLayer camera={camera.id} />
        )}
        {live}
        {overlay && size && overlay(size)}
      </div>
      {!live && (
        <TileState
          state={unsupported ? { kind: "unsupported" } : state}
          camera={camera.id}
          codec={codec}
          onTranscode={() => setTranscode(true)}
          onRetry={() => track.current?.retry()}
        />
      )}
      {!live && (
        <div className={styles.caption}>
          <span className={styles.number}>{format.number(number)}</span>
          <bdi className={styles.name}>{camera.name}</bdi>
          <span className={styles.badges}>
            {zoom.factor > 1 && <span className={styles.badge}>{t("playback.zoomed", { factor: zoom.factor })}</span>}
            <span className={styles.badge}>{t(transcode ? "playback.transcoded" : "playback.stale")}</span>
          </span>
        </div>
      )}
      <div className={styles.tileTools}>
        {zoom.factor > 1 && (
          <Button look="quiet" icon aria-label={t("playback.zoomReset")} onPress={zoom.reset}>
            <Minimize2 size={16} aria-hidden />
          </Button>
        )}
        {camera.record_audio && !live && (
          <Button
            look="quiet"
            icon
            aria-label={t(sound ? "playback.mute" : "playback.sound")}
            onPress={() => setSound(!sound)}
          >
            {sound ? <Volume2 size={16} aria-hidden /> : <VolumeX size={16} aria-hidden />}
          </Button>
        )}
        <Button
          look="quiet"
          icon
          aria-label={t("playback.snapshotOf", { camera: camera.name })}
          onPress={() => saveSnapshot(camera, stream, desk.clock, track.current ?? undefined)}
        >
          <CameraIcon size={16} aria-hidden />
        </Button>
        {onEnlarge && (
          <Button
            look="quiet"
            icon
            aria-label={isEnlarged ? t("playback.shrink") : t("playback.enlarge", { camera: camera.name })}
            onPress={onEnlarge}
          >
            {isEnlarged ? <Minimize2 size={16} aria-hidden /> : <Maximize2 size={16} aria-hidden />}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Why there is no moving picture, and what helps. */
function TileState({
  state,
  camera,
  codec,
  onTranscode,
  onRetry,
}: {
  state: TrackState;
  camera: string;
  codec: string | undefined;
  onTranscode: () => void;
  onRetry: () => void;
}) {
  const t = useWords();
  const localised = useLocalised();
  switch (state.kind) {
    case "picture":
      return null;
    case "loading":
      return (
        <div className={styles.loading} role="status">
          <div className="loading-bar" />
          <span className="visually-hidden">{t("playback.loading")}</span>
        </div>
      );
    case "backwards":
      return <div className={styles.hint}>{t("playback.backwards")}</div>;
    case "gap":
      return <GapState camera={camera} start_us={state.start_us} resumes_us={state.resumes_us} />;
    case "unsupported":
      return (
        <div className={styles.message} role="alert">
          <strong>{t("playback.unsupportedTitle", { codec: codecName(codec) })}</strong>
          <p>{t("playback.unsupportedAdvice")}</p>
          <Button onPress={onTranscode}>{t("playback.transcode")}</Button>
        </div>
      );
    case "broken":
      return (
        <div className={styles.message} role="alert">
          <strong>{t("playback.brokenTitle")}</strong>
          {state.reason && <p>{localised(state.reason)}</p>}
          <Button onPress={onRetry}>{t("common.retry")}</Button>
        </div>
      );
  }
}

const CAUSE_EVERY_MS = 500;

function GapState({
  camera,
  start_us,
  resumes_us,
}: {
  camera: string;
  start_us: number;
  resumes_us: number | undefined;
}) {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const gapCause = useGapCause();
  const [gap, setGap] = useState(() => desk.tiles.gapAt(camera, desk.clock.position_us()));
  useEffect(() => {
    const look = () => setGap(desk.tiles.gapAt(camera, desk.clock.position_us()));
    look();
    const timer = setInterval(look, CAUSE_EVERY_MS);
    return () => clearInterval(timer);
  }, [camera, desk, start_us]);
  const to_us = resumes_us ?? gap?.end_us;
  return (
    <div className={styles.gap} role="status">
      <strong>{t("playback.gapTitle")}</strong>
      <span>{gap ? gapCause(gap.cause) : t("playback.nothingYet")}</span>
      {gap && (
        <span className="small muted">
          {t("playback.gapSince", { from: format.time(gap.start_us), to: format.time(gap.end_us) })}
        </span>
      )}
      {to_us !== undefined && to_us < desk.edge_us && (
        <Button onPress={() => desk.clock.seek(to_us + 20_000)}>
          <SkipForward size={16} aria-hidden className="flip" />
          {t("playback.skipGap")}
        </Button>
      )}
    </div>
  );
}
