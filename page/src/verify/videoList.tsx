import { useEffect, useId, useRef } from "react";

import { Note } from "../controls/states";
import { Code } from "../format/values";
import { useWords } from "../words/language";
import type { Enclosure, Verdict } from "./judge/findings";
import styles from "./verify.module.css";

/** The bundle's own video, played out of the file that was judged. */
export function VideoList({ verdict, bundle }: { verdict: Verdict; bundle: File }) {
  const t = useWords();
  const id = useId();
  if (verdict.enclosures.length === 0) return null;
  return (
    <section className={`${styles.part} ${styles.watch}`} aria-labelledby={id}>
      <h2 id={id}>{t("verify.watch")}</h2>
      {verdict.wrong.length > 0 ? (
        <Note severity="warning">{t("verify.watchBad")}</Note>
      ) : (
        <p className="small muted">{t("verify.watchMeaning")}</p>
      )}
      <ul className={styles.videos}>
        {verdict.enclosures.map((enclosure) => (
          <li key={enclosure.name}>
            <Video enclosure={enclosure} bundle={bundle} />
            <Code>{enclosure.name.replace("playable/", "")}</Code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Video({ enclosure: { name, offset, bytes }, bundle }: { enclosure: Enclosure; bundle: File }) {
  const t = useWords();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const address = URL.createObjectURL(bundle.slice(offset, offset + bytes, "video/mp4"));
    if (video.current) video.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [bundle, offset, bytes]);
  return <video ref={video} controls preload="metadata" muted aria-label={t("verify.video", { name })} />;
}
