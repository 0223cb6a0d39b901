import { NumberField, Select, Switch, TextField } from "../controls/fields";
import { useWords } from "../words/language";
import styles from "./cameras.module.css";
import { Discovery } from "./discovery";
import type { CameraDraft } from "./draft";

interface Props {
  draft: CameraDraft;
  change: (part: Partial<CameraDraft>) => void;
}

/** Where the camera is: stream addresses, or a device that tells them. */
export function AddressFields({ draft, change }: Props) {
  const t = useWords();
  const isFile = draft.kind === "file";
  return (
    <>
      {draft.kind === "onvif" && (
        <>
          <Discovery onChoose={(device) => change({ address: device.address, name: draft.name || device.name })} />
          <TextField
            label={t("cameras.address")}
            hint={t("cameras.addressHint")}
            value={draft.address}
            onChange={(address) => change({ address })}
            placeholder="192.168.1.64"
            latin
            isRequired
          />
        </>
      )}
      {(draft.kind !== "onvif" || draft.mainUrl) && (
        <>
          <TextField
            label={t(isFile ? "cameras.path" : "cameras.mainUrl")}
            hint={isFile ? t("cameras.pathHint") : undefined}
            value={draft.mainUrl}
            onChange={(mainUrl) => change({ mainUrl })}
            placeholder={isFile ? "/srv/clips/gate.mp4" : "rtsp://192.168.1.64:554/stream1"}
            latin
            isRequired
          />
          <TextField
            label={t(isFile ? "cameras.subPath" : "cameras.subUrl")}
            hint={t("cameras.subHint")}
            value={draft.subUrl}
            onChange={(subUrl) => change({ subUrl })}
            latin
          />
        </>
      )}
      {!isFile && (
        <Select
          label={t("cameras.transport")}
          value={draft.transport}
          onChange={(transport) => change({ transport })}
          choices={[
            { value: "tcp", label: t("cameras.tcp") },
            { value: "udp", label: t("cameras.udp") },
          ]}
        />
      )}
    </>
  );
}

export function CredentialFields({ draft, change, kept }: Props & { kept: boolean }) {
  const t = useWords();
  return (
    <div className={styles.pair}>
      <TextField
        label={t("cameras.username")}
        value={draft.username}
        onChange={(username) => change({ username })}
        autoComplete="off"
        latin
      />
      <TextField
        label={t("cameras.password")}
        hint={kept ? t("cameras.passwordKept") : undefined}
        type="password"
        value={draft.password}
        onChange={(password) => change({ password })}
        autoComplete="new-password"
        latin
      />
    </div>
  );
}

export function RecordingFields({ draft, change }: Props) {
  const t = useWords();
  return (
    <>
      <TextField
        label={t("cameras.name")}
        hint={t("cameras.nameHint")}
        value={draft.name}
        onChange={(name) => change({ name })}
        isRequired
      />
      <div className={styles.switches}>
        <Switch isSelected={draft.enabled} onChange={(enabled) => change({ enabled })}>
          {t("cameras.enabled")}
        </Switch>
        <Switch isSelected={draft.recordAudio} onChange={(recordAudio) => change({ recordAudio })}>
          {t("cameras.recordAudio")}
        </Switch>
        <Switch isSelected={draft.analyse} onChange={(analyse) => change({ analyse })}>
          {t("cameras.analyse")}
        </Switch>
      </div>
      <div className={styles.pair}>
        <NumberField
          label={t("cameras.retention")}
          hint={t("cameras.retentionHint")}
          value={draft.retentionDays ?? NaN}
          onChange={(days) => change({ retentionDays: Number.isNaN(days) ? null : days })}
          minValue={0.01}
          maxValue={36500}
        />
        <NumberField
          label={t("cameras.priority")}
          hint={t("cameras.priorityHint")}
          value={draft.priority}
          onChange={(priority) => change({ priority: Number.isNaN(priority) ? 0 : priority })}
          minValue={-100}
          maxValue={100}
        />
      </div>
    </>
  );
}
