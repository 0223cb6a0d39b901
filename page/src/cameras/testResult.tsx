import type { CameraTest } from "../api/shapes";
import { Broken, Empty, Note } from "../controls/states";
import { useFormat } from "../format/format";
import { Code } from "../format/values";
import { useLocalised, useWords } from "../words/language";
import type { useCameraTest } from "./api";
import styles from "./cameras.module.css";
import { StreamFacts } from "./streamWords";

/** Everything that a test found, and what to change on the camera. */
export function TestResult({ test }: { test: ReturnType<typeof useCameraTest> }) {
  const t = useWords();
  return (
    // A region that scrolls must be reachable by keyboard even while nothing in it takes focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.test} role="status" tabIndex={0}>
      <h2>{t("cameras.test.title")}</h2>
      {test.isIdle && (
        <Empty title={t("cameras.test.none")}>
          <p>{t("cameras.test.noneAdvice")}</p>
        </Empty>
      )}
      {test.isPending && (
        <div className={styles.testing}>
          <div className="loading-bar" />
          <p className="muted">{t("cameras.test.wait")}</p>
        </div>
      )}
      {test.isError && <Broken error={test.error} />}
      {test.data && !test.isPending && <Found found={test.data} />}
    </div>
  );
}

function Found({ found }: { found: CameraTest }) {
  const t = useWords();
  const localised = useLocalised();
  return (
    <>
      {found.error && <Note severity="error">{localised(found.error.message)}</Note>}
      {found.ok && <p>{t("cameras.test.ok")}</p>}
      {found.device && (
        <dl className={styles.found}>
          <dt>{t("cameras.test.device")}</dt>
          <dd>
            <bdi>
              {found.device.manufacturer} {found.device.model}
            </bdi>
          </dd>
          <dt>{t("cameras.test.firmware")}</dt>
          <dd>
            <Code>{found.device.firmware}</Code>
          </dd>
        </dl>
      )}
      {found.streams.map((stream) => (
        <FoundStream key={stream.name + stream.url} stream={stream} />
      ))}
      {found.advice.map((advice, index) => (
        <Note key={`${advice.code}-${index}`} severity={advice.severity}>
          {localised(advice.message)}
        </Note>
      ))}
    </>
  );
}

function FoundStream({ stream }: { stream: CameraTest["streams"][number] }) {
  const t = useWords();
  const format = useFormat();
  return (
    <section className={styles.foundStream}>
      <h3>{t(`streams.${stream.name}`)}</h3>
      {stream.snapshot_jpeg_base64 && (
        <img src={`data:image/jpeg;base64,${stream.snapshot_jpeg_base64}`} alt={t("cameras.test.snapshot")} />
      )}
      <StreamFacts facts={{ ...stream, codec: stream.codec_name }} />
      <dl className={styles.found}>
        <dt>{t("cameras.test.keyframes")}</dt>
        <dd>{stream.keyframe_interval_s ? format.duration(stream.keyframe_interval_s) : t("common.unknown")}</dd>
        <dt>{t("cameras.test.audio")}</dt>
        <dd>
          {stream.audio ? (
            <>
              <bdi>{stream.audio.codec}</bdi>{" "}
              {t(stream.audio.recorded ? "cameras.test.audioRecorded" : "cameras.test.audioLeft")}
            </>
          ) : (
            t("cameras.test.noAudio")
          )}
        </dd>
        <dt>{t("cameras.test.address")}</dt>
        <dd>
          <Code>{stream.url}</Code>
        </dd>
      </dl>
    </section>
  );
}
