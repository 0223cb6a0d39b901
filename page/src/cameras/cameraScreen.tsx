import { useState } from "react";
import { Form } from "react-aria-components";
import { useNavigate, useParams } from "react-router";

import { useCameras } from "../api/queries";
import type { Camera } from "../api/shapes";
import { Button } from "../controls/button";
import { Segments } from "../controls/fields";
import { Broken, Empty, ErrorNote, Loading } from "../controls/states";
import { Screen } from "../frame/screen";
import { useWords } from "../words/language";
import { useCameraTest, useSaveCamera } from "./api";
import { AddressFields, CredentialFields, RecordingFields } from "./cameraFields";
import styles from "./cameras.module.css";
import { type CameraDraft, canSave, canTest, draftOf, withTested } from "./draft";
import { TestResult } from "./testResult";

/** Adds a camera (`/cameras/new`) or edits one. */
export function CameraScreen() {
  const t = useWords();
  const { camera: id } = useParams();
  const cameras = useCameras();
  if (id === "new") return <CameraForm camera={null} />;
  const camera = cameras.data?.find((one) => one.id === id);
  if (camera) return <CameraForm key={camera.id} camera={camera} />;
  return (
    <Screen title={t("cameras.edit")}>
      {cameras.isPending && <Loading />}
      {cameras.isError && <Broken error={cameras.error} onRetry={() => void cameras.refetch()} />}
      {cameras.data && <Empty title={t("cameras.gone")} />}
    </Screen>
  );
}

function CameraForm({ camera }: { camera: Camera | null }) {
  const t = useWords();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<CameraDraft>(() => draftOf(camera));
  const test = useCameraTest();
  const save = useSaveCamera(camera);
  const change = (part: Partial<CameraDraft>) => setDraft((before) => ({ ...before, ...part }));
  const runTest = () =>
    test.mutate(draft, {
      onSuccess: (result) => {
        if (result.ok) setDraft((before) => withTested(before, result));
      },
    });
  return (
    <Screen
      title={camera ? t("cameras.editTitle", { camera: camera.name }) : t("cameras.add")}
      panel={<TestResult test={test} />}
      panelLabel={t("cameras.test.title")}
      scroll
    >
      <Form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(draft, { onSuccess: () => void navigate("/cameras") });
        }}
      >
        {!camera && (
          <Segments
            label={t("cameras.kind")}
            value={draft.kind}
            onChange={(kind) => change({ kind })}
            choices={(["rtsp", "onvif", "file"] as const).map((kind) => ({
              value: kind,
              label: t(`cameras.kinds.${kind}`),
            }))}
          />
        )}
        <AddressFields draft={draft} change={change} />
        {draft.kind !== "file" && (
          <CredentialFields draft={draft} change={change} kept={camera?.has_password ?? false} />
        )}
        <div>
          <Button onPress={runTest} isDisabled={!canTest(draft) || test.isPending}>
            {t(test.isPending ? "cameras.test.running" : "cameras.test.run")}
          </Button>
        </div>
        <RecordingFields draft={draft} change={change} />
        <ErrorNote error={save.error} />
        <div className={styles.formActions}>
          <Button type="submit" look="primary" isDisabled={!canSave(draft) || save.isPending}>
            {t("common.save")}
          </Button>
          <Button look="quiet" onPress={() => void navigate("/cameras")}>
            {t("common.cancel")}
          </Button>
          {!canSave(draft) && draft.kind === "onvif" && <span className="small muted">{t("cameras.testFirst")}</span>}
        </div>
      </Form>
    </Screen>
  );
}
