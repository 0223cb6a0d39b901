import { CircleCheck, CircleSlash, CircleX, Download, LoaderCircle, Scale, ShieldCheck } from "lucide-react";

import { useCameras } from "../api/queries";
import { ApiError } from "../api/request";
import type { Export } from "../api/shapes";
import { Button } from "../controls/button";
import { ErrorNote, Note } from "../controls/states";
import { useFormat } from "../format/format";
import { Code } from "../format/values";
import { useLocalised, useWords } from "../words/language";
import styles from "./exports.module.css";
import { exportFileUrl, isUnfinished, useRemoveExport } from "./queries";
import { SpanText } from "./spanText";

const ICONS = {
  waiting: LoaderCircle,
  running: LoaderCircle,
  done: CircleCheck,
  failed: CircleX,
  cancelled: CircleSlash,
};

/** One export from asked-for to downloaded: progress while it runs, then its files with their SHA-256. */
export function ExportRow({ one }: { one: Export }) {
  const t = useWords();
  const format = useFormat();
  const localised = useLocalised();
  const cameras = useCameras();
  const remove = useRemoveExport();
  const Icon = ICONS[one.state];
  const nameOf = (id: string) => cameras.data?.find((camera) => camera.id === id)?.name ?? id;
  const ratio = one.total_bytes > 0 ? Math.min(one.done_bytes / one.total_bytes, 1) : 0;
  return (
    <article className={styles.row} data-state={one.state} data-export={one.id}>
      <Icon size={20} aria-hidden className={isUnfinished(one) ? styles.turning : styles.mark} />
      <div className={styles.rowBody}>
        <strong>
          {one.cameras.map((camera, at) => (
            <span key={camera}>
              {at > 0 && t("exports.and")}
              <bdi>{nameOf(camera)}</bdi>
            </span>
          ))}
        </strong>
        {one.evidence && (
          <span className={styles.evidence}>
            <Scale size={16} aria-hidden />
            {t("exports.evidence")}
          </span>
        )}
        <SpanText start_us={one.start_us} end_us={one.end_us} />
        {isUnfinished(one) ? (
          <div className={styles.progress}>
            <div
              role="progressbar"
              aria-label={t("exports.progress")}
              aria-valuenow={Math.round(ratio * 100)}
              aria-valuemin={0}
              aria-valuemax={100}
              className={styles.track}
            >
              <div style={{ inlineSize: `${ratio * 100}%` }} />
            </div>
            <span className="small muted">
              {one.state === "waiting"
                ? t("exports.states.waiting")
                : one.evidence
                  ? t("exports.evidenceWaits")
                  : t("exports.doneOf", { done: format.bytes(one.done_bytes), total: format.bytes(one.total_bytes) })}
            </span>
          </div>
        ) : (
          <span className="small muted">{t(`exports.states.${one.state}`)}</span>
        )}
        {one.error && (
          <Note severity="error">{one.error.message ? localised(one.error.message) : t("exports.states.failed")}</Note>
        )}
        {one.state === "done" && (
          <ul className={styles.files}>
            {one.files.map((file) => (
              <li key={file.name}>
                <a className="button primary" href={exportFileUrl(one.id, file.name)} download={file.name}>
                  <Download size={16} aria-hidden />
                  {t("exports.download")}
                </a>
                {one.evidence && (
                  <a className="button" href="/verify" target="_blank" rel="noreferrer">
                    <ShieldCheck size={16} aria-hidden />
                    {t("exports.verify")}
                  </a>
                )}
                <div className={styles.fileText}>
                  <Code>{file.name}</Code> <span className="muted">{format.bytes(file.bytes)}</span>
                  <span className="small muted">
                    SHA-256 <Code>{file.sha256}</Code>
                  </span>
                </div>
              </li>
            ))}
          </ul>
        )}
        {remove.error instanceof ApiError && <ErrorNote error={remove.error} />}
      </div>
      <Button isDisabled={remove.isPending} onPress={() => remove.mutate(one.id)}>
        {isUnfinished(one) ? t("exports.cancel") : t("common.remove")}
      </Button>
    </article>
  );
}
