import { Plus, X } from "lucide-react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";

import type { Schedule } from "../api/shapes";
import { Button } from "../controls/button";
import { localeOf } from "../format/format";
import { usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import styles from "./zones.module.css";

/** The week as it runs in Iraq, Saturday first; the API counts from Monday. */
const DAYS = [5, 6, 0, 1, 2, 3, 4];
const A_MONDAY_UTC_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

interface Props {
  schedule: Schedule[];
  onChange: (schedule: Schedule[]) => void;
}

/** When the zone counts; without any span, always. */
export function ScheduleFields({ schedule, onChange }: Props) {
  const t = useWords();
  const replace = (index: number, part: Partial<Schedule>) =>
    onChange(schedule.map((span, at) => (at === index ? { ...span, ...part } : span)));
  return (
    <div className={styles.schedule}>
      <h3>{t("zones.schedule")}</h3>
      {schedule.length === 0 && <p className="small muted">{t("zones.always")}</p>}
      {schedule.map((span, index) => (
        <ScheduleSpan
          key={index}
          span={span}
          onChange={(part) => replace(index, part)}
          onRemove={() => onChange(schedule.toSpliced(index, 1))}
        />
      ))}
      <div>
        <Button look="quiet" onPress={() => onChange([...schedule, { days: [...DAYS], start: "18:00", end: "06:00" }])}>
          <Plus size={16} aria-hidden />
          {t("zones.addSpan")}
        </Button>
      </div>
    </div>
  );
}

interface SpanProps {
  span: Schedule;
  onChange: (part: Partial<Schedule>) => void;
  onRemove: () => void;
}

function ScheduleSpan({ span, onChange, onRemove }: SpanProps) {
  const t = useWords();
  const locale = localeOf(usePreferences());
  const long = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  const short = new Intl.DateTimeFormat(locale, { weekday: "narrow", timeZone: "UTC" });
  const dateOf = (day: number) => new Date(A_MONDAY_UTC_MS + day * DAY_MS);
  return (
    <fieldset className={styles.span}>
      <legend className="visually-hidden">{t("zones.span")}</legend>
      <ToggleButtonGroup
        className="segments"
        aria-label={t("zones.days")}
        selectionMode="multiple"
        disallowEmptySelection
        selectedKeys={span.days.map(String)}
        onSelectionChange={(days) => onChange({ days: [...days].map(Number).toSorted((a, b) => a - b) })}
      >
        {DAYS.map((day) => (
          <ToggleButton
            key={day}
            id={String(day)}
            className={`segment ${styles.day}`}
            aria-label={long.format(dateOf(day))}
          >
            {short.format(dateOf(day))}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <div className={styles.hours}>
        <label>
          {t("zones.from")}
          <input
            type="time"
            className="input"
            value={span.start}
            onChange={(event) => onChange({ start: event.target.value })}
          />
        </label>
        <label>
          {t("zones.to")}
          <input
            type="time"
            className="input"
            value={span.end === "24:00" ? "00:00" : span.end}
            onChange={(event) => onChange({ end: event.target.value })}
          />
        </label>
        <Button look="quiet" icon aria-label={t("zones.removeSpan")} onPress={onRemove}>
          <X size={16} aria-hidden />
        </Button>
      </div>
    </fieldset>
  );
}
