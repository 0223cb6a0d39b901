import { ImageOff, Pencil, Plus, Shapes, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { useCameras } from "../api/queries";
import type { Camera } from "../api/shapes";
import { Button } from "../controls/button";
import { ConfirmDialog } from "../controls/dialog";
import { Broken, Empty, ErrorNote, Loading } from "../controls/states";
import { Code, Moment } from "../format/values";
import { Screen } from "../frame/screen";
import { useWords } from "../words/language";
import { useRemoveCamera } from "./api";
import styles from "./cameras.module.css";
import { StateWord, StreamFacts } from "./streamWords";

export function CamerasScreen() {
  const t = useWords();
  const cameras = useCameras();
  const [removing, setRemoving] = useState<Camera | null>(null);
  const add = (
    <Link to="/cameras/new" className="button primary">
      <Plus size={16} aria-hidden />
      {t("cameras.add")}
    </Link>
  );
  return (
    <Screen title={t("rail.cameras")} actions={cameras.data?.length ? add : null} scroll>
      {cameras.isPending && <Loading />}
      {cameras.isError && !cameras.data && <Broken error={cameras.error} onRetry={() => void cameras.refetch()} />}
      {cameras.data?.length === 0 && (
        <Empty title={t("wall.empty")}>
          <p>{t("wall.emptyAdvice")}</p>
          {add}
        </Empty>
      )}
      <ul className={styles.list}>
        {cameras.data?.map((camera) => (
          <CameraRow key={camera.id} camera={camera} onRemove={() => setRemoving(camera)} />
        ))}
      </ul>
      <RemoveDialog camera={removing} onClose={() => setRemoving(null)} />
    </Screen>
  );
}

function CameraRow({ camera, onRemove }: { camera: Camera; onRemove: () => void }) {
  const t = useWords();
  const navigate = useNavigate();
  const path = `/cameras/${encodeURIComponent(camera.id)}`;
  const troubled = Object.values(camera.state.streams).find((state) => state.gap);
  return (
    <li className={styles.row}>
      <Link
        to={`/?camera=${encodeURIComponent(camera.id)}`}
        className={styles.thumb}
        aria-label={t("cameras.watch", { camera: camera.name })}
      >
        <Thumbnail camera={camera.id} />
      </Link>
      <div className={styles.rowMain}>
        <h2>
          <bdi>{camera.name}</bdi>
        </h2>
        <p className="small muted">
          {t(`cameras.kinds.${camera.kind}`)} · <Code>{camera.id}</Code>
        </p>
        {troubled?.gap && (
          <p className="small">
            {t("cameras.gapSince")} <Moment time_us={troubled.gap.start_us} show="dateTime" />
          </p>
        )}
      </div>
      <dl className={styles.rowStreams}>
        {camera.enabled ? (
          camera.streams.map((stream) => (
            <div key={stream.name}>
              <dt>{t(`streams.${stream.name}`)}</dt>
              <dd>
                <StateWord state={camera.state.streams[stream.name]} />
                <StreamFacts facts={camera.state.streams[stream.name] ?? {}} />
              </dd>
            </div>
          ))
        ) : (
          <div>
            <dt className="visually-hidden">{t("cameras.enabled")}</dt>
            <dd>{t("live.disabled")}</dd>
          </div>
        )}
      </dl>
      <div className={styles.rowActions}>
        <Button look="quiet" onPress={() => void navigate(`${path}/zones`)}>
          <Shapes size={16} aria-hidden />
          {t("zones.title")}
        </Button>
        <Button look="quiet" onPress={() => void navigate(path)}>
          <Pencil size={16} aria-hidden />
          {t("common.edit")}
        </Button>
        <Button look="quiet" icon aria-label={t("cameras.remove", { camera: camera.name })} onPress={onRemove}>
          <Trash2 size={16} aria-hidden />
        </Button>
      </div>
    </li>
  );
}

/** The latest recorded picture; a new camera has none yet. */
function Thumbnail({ camera }: { camera: string }) {
  const [missing, setMissing] = useState(false);
  if (missing) return <ImageOff size={22} aria-hidden />;
  const source = `/api/cameras/${encodeURIComponent(camera)}/snapshot.jpg?width=320`;
  return <img src={source} alt="" loading="lazy" onError={() => setMissing(true)} />;
}

function RemoveDialog({ camera, onClose }: { camera: Camera | null; onClose: () => void }) {
  const t = useWords();
  const remove = useRemoveCamera();
  return (
    <ConfirmDialog
      title={t("cameras.removeTitle", { camera: camera?.name ?? "" })}
      confirm={t("common.remove")}
      isOpen={camera !== null}
      isBusy={remove.isPending}
      onClose={onClose}
      onConfirm={() => {
        if (camera) remove.mutate(camera.id, { onSuccess: onClose });
      }}
    >
      <p>{t("cameras.removeMeans")}</p>
      <ErrorNote error={remove.error} />
    </ConfirmDialog>
  );
}
