import { Plus } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "react-router";

import { useCameras } from "../api/queries";
import type { Camera, Zone } from "../api/shapes";
import { useSaveZones, useZones } from "../cameras/api";
import { Button } from "../controls/button";
import { Broken, Empty, ErrorNote, Loading } from "../controls/states";
import { Screen } from "../frame/screen";
import { useWords } from "../words/language";
import { FIRST_POLYGON } from "./polygon";
import { ZoneDrawing } from "./zoneDrawing";
import { ZoneFields } from "./zoneFields";
import styles from "./zones.module.css";

export function ZonesScreen() {
  const t = useWords();
  const { camera: id = "" } = useParams();
  const cameras = useCameras();
  const zones = useZones(id);
  const camera = cameras.data?.find((one) => one.id === id);
  if (camera && zones.data) return <ZonesEditor key={id} camera={camera} saved={zones.data} />;
  return (
    <Screen title={t("zones.title")}>
      {cameras.data && !camera ? (
        <Empty title={t("cameras.gone")} />
      ) : zones.isError ? (
        <Broken error={zones.error} onRetry={() => void zones.refetch()} />
      ) : cameras.isError ? (
        <Broken error={cameras.error} onRetry={() => void cameras.refetch()} />
      ) : (
        <Loading />
      )}
    </Screen>
  );
}

const newId = () => `zone-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;

function useDraft(saved: Zone[]) {
  const [zones, setZones] = useState(saved);
  const [chosen, setChosen] = useState<number | null>(saved.length ? 0 : null);
  return {
    zones,
    chosen,
    setChosen,
    zone: chosen === null ? undefined : zones[chosen],
    change: (part: Partial<Zone>) =>
      setZones((before) => before.map((zone, index) => (index === chosen ? { ...zone, ...part } : zone))),
    add: (name: string) => {
      const polygon = FIRST_POLYGON.map((point): [number, number] => [...point]);
      setZones([...zones, { id: newId(), name, kind: "alert", polygon, classes: [], schedule: [], enabled: true }]);
      setChosen(zones.length);
    },
    remove: () => {
      if (chosen === null) return;
      setZones(zones.toSpliced(chosen, 1));
      setChosen(zones.length > 1 ? 0 : null);
    },
  };
}

function ZonesEditor({ camera, saved }: { camera: Camera; saved: Zone[] }) {
  const t = useWords();
  const draft = useDraft(saved);
  const save = useSaveZones(camera.id);
  const changed = JSON.stringify(draft.zones) !== JSON.stringify(saved);
  const complete = draft.zones.every((zone) => zone.name.trim());
  return (
    <Screen
      title={t("zones.titleOf", { camera: camera.name })}
      actions={
        <>
          {changed && <span className="small muted">{t("zones.unsaved")}</span>}
          <Link to="/cameras" className="button quiet">
            {t("rail.cameras")}
          </Link>
          <Button
            look="primary"
            isDisabled={!changed || !complete || save.isPending}
            onPress={() => save.mutate(draft.zones)}
          >
            {t("common.save")}
          </Button>
        </>
      }
      panel={<ZonePanel draft={draft} error={save.error} />}
      panelLabel={t("zones.title")}
    >
      <ZonePicture camera={camera} draft={draft} />
    </Screen>
  );
}

function ZonePicture({ camera, draft }: { camera: Camera; draft: ReturnType<typeof useDraft> }) {
  const t = useWords();
  const state = camera.state.streams.main ?? camera.state.streams.sub;
  const [aspect, setAspect] = useState(state?.width && state.height ? state.width / state.height : 16 / 9);
  const [missing, setMissing] = useState(false);
  const [taken_ms] = useState(() => Date.now());
  return (
    <div className={styles.stage}>
      <div className={styles.picture} style={{ aspectRatio: aspect, ["--aspect" as string]: aspect }}>
        {missing ? (
          <div className={styles.missing}>{t("zones.noPicture")}</div>
        ) : (
          <img
            src={`/api/cameras/${encodeURIComponent(camera.id)}/snapshot.jpg?t=${taken_ms}`}
            alt={t("zones.pictureOf", { camera: camera.name })}
            onLoad={(event) => setAspect(event.currentTarget.naturalWidth / event.currentTarget.naturalHeight)}
            onError={() => setMissing(true)}
            draggable={false}
          />
        )}
        <ZoneDrawing
          zones={draft.zones}
          chosen={draft.chosen}
          aspect={aspect}
          onChoose={draft.setChosen}
          onChange={(polygon) => draft.change({ polygon })}
        />
      </div>
      <p className="small muted">{t("zones.how")}</p>
    </div>
  );
}

function ZonePanel({ draft, error }: { draft: ReturnType<typeof useDraft>; error: unknown }) {
  const t = useWords();
  return (
    <div className={styles.panel}>
      <h2>{t("zones.title")}</h2>
      <div className={styles.zoneList}>
        {draft.zones.map((zone, index) => (
          <button
            key={zone.id}
            type="button"
            className={styles.zoneItem}
            aria-pressed={index === draft.chosen}
            onClick={() => draft.setChosen(index)}
          >
            <bdi>{zone.name || "—"}</bdi>
            <span className="small muted">{t(zone.kind === "alert" ? "zones.alert" : "zones.ignore")}</span>
          </button>
        ))}
        <Button onPress={() => draft.add(t("zones.newName", { number: draft.zones.length + 1 }))}>
          <Plus size={16} aria-hidden />
          {t("zones.add")}
        </Button>
      </div>
      <ErrorNote error={error} />
      {draft.zone ? (
        <ZoneFields zone={draft.zone} onChange={draft.change} onRemove={draft.remove} />
      ) : (
        <Empty title={t("zones.none")}>
          <p>{t("zones.noneAdvice")}</p>
        </Empty>
      )}
    </div>
  );
}
