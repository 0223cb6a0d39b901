import { CheckboxGroup } from "react-aria-components";

import type { Zone } from "../api/shapes";
import { Button } from "../controls/button";
import { Checkbox, Segments, Switch, TextField } from "../controls/fields";
import { Note } from "../controls/states";
import { KNOWN_CLASSES, useClassName } from "../words/className";
import { useWords } from "../words/language";
import { crossesItself } from "./polygon";
import { ScheduleFields } from "./scheduleFields";
import styles from "./zones.module.css";

interface Props {
  zone: Zone;
  onChange: (part: Partial<Zone>) => void;
  onRemove: () => void;
}

export function ZoneFields({ zone, onChange, onRemove }: Props) {
  const t = useWords();
  const className = useClassName();
  const offered = [...new Set([...KNOWN_CLASSES, ...zone.classes])];
  return (
    <div className={styles.fields}>
      <TextField
        label={t("zones.name")}
        value={zone.name}
        onChange={(name) => onChange({ name })}
        error={zone.name.trim() ? null : t("zones.nameNeeded")}
      />
      <div>
        <Segments
          label={t("zones.kind")}
          value={zone.kind}
          onChange={(kind) => onChange({ kind })}
          choices={[
            { value: "alert", label: t("zones.alert") },
            { value: "ignore", label: t("zones.ignore") },
          ]}
        />
        <p className="field-hint">{t(zone.kind === "alert" ? "zones.alertHint" : "zones.ignoreHint")}</p>
      </div>
      {crossesItself(zone.polygon) && <Note severity="warning">{t("zones.crosses")}</Note>}
      <Switch isSelected={zone.enabled} onChange={(enabled) => onChange({ enabled })}>
        {t("zones.enabled")}
      </Switch>
      <CheckboxGroup
        aria-label={t("zones.classes")}
        value={zone.classes}
        onChange={(classes) => onChange({ classes })}
        className={styles.classes}
      >
        <h3>{t("zones.classes")}</h3>
        {zone.classes.length === 0 && <p className="small muted">{t("zones.everyClass")}</p>}
        <div className={styles.classGrid}>
          {offered.map((name) => (
            <Checkbox key={name} value={name}>
              {className(name)}
            </Checkbox>
          ))}
        </div>
      </CheckboxGroup>
      <ScheduleFields schedule={zone.schedule} onChange={(schedule) => onChange({ schedule })} />
      <div>
        <Button look="quiet" onPress={onRemove}>
          {t("zones.remove")}
        </Button>
      </div>
    </div>
  );
}
