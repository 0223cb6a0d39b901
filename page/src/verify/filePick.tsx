import { FileCheck, FileInput } from "lucide-react";
import { type ReactNode, useId } from "react";
import { DropZone, FileTrigger } from "react-aria-components";

import { Button } from "../controls/button";
import { useFormat } from "../format/format";
import { useWords } from "../words/language";
import styles from "./verify.module.css";

/** One of the two files: picked by button or dropped. */
export function FilePick({
  label,
  hint,
  accept,
  file,
  onPick,
  children,
}: {
  label: string;
  hint: string;
  accept?: string[];
  file: File | null;
  onPick: (file: File) => void;
  children?: ReactNode;
}) {
  const t = useWords();
  const format = useFormat();
  const titleId = useId();
  const take = (picked: File | null | undefined) => {
    if (picked) onPick(picked);
  };
  const Icon = file ? FileCheck : FileInput;
  return (
    <section className={styles.pick} aria-labelledby={titleId}>
      <h2 id={titleId}>{label}</h2>
      <p className="small muted">{hint}</p>
      <DropZone
        className={styles.drop}
        aria-labelledby={titleId}
        data-filled={file ? "yes" : "no"}
        onDrop={(event) => {
          const item = event.items.find((one) => one.kind === "file");
          if (item?.kind === "file") void item.getFile().then(take);
        }}
      >
        <Icon size={22} aria-hidden />
        {file && (
          <strong className={styles.fileName}>
            {t("verify.chosen", { name: file.name, size: format.bytes(file.size) })}
          </strong>
        )}
        <FileTrigger acceptedFileTypes={accept} onSelect={(files) => take(files?.item(0))}>
          <Button>{t(file ? "verify.chooseOther" : "verify.choose")}</Button>
        </FileTrigger>
        <span className="small muted">{t("verify.drop")}</span>
      </DropZone>
      {children}
    </section>
  );
}
