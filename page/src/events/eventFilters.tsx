import type { Camera } from "../api/shapes";
import { Select, Switch } from "../controls/fields";
import { useDesk } from "../timeline/desk";
import { en } from "../words/en";
import { useClassName } from "../words/className";
import { useWords } from "../words/language";
import styles from "./events.module.css";
import type { EventFilter, When } from "./filter";
import { useZones } from "./queries";

const ANY = "";

export function EventFilters({
  filter,
  cameras,
  onChange,
}: {
  filter: EventFilter;
  cameras: readonly Camera[];
  onChange: (filter: EventFilter) => void;
}) {
  const t = useWords();
  const desk = useDesk();
  const className = useClassName();
  const zones = useZones(filter.camera);
  const set = (change: Partial<EventFilter>) => onChange({ ...filter, ...change });
  const whens: [When, string][] = [
    ["any", t("events.anyTime")],
    ["hour", t("events.lastHour")],
    ["day", t("events.lastDay")],
    ["week", t("events.lastWeek")],
    ["around", t("events.aroundPlayhead")],
  ];
  return (
    <div className={styles.filters} role="group" aria-label={t("events.filters")}>
      <Select
        label={t("events.camera")}
        hideLabel
        value={filter.camera ?? ANY}
        choices={[
          { value: ANY, label: t("events.anyCamera") },
          ...cameras.map((camera) => ({ value: camera.id, label: camera.name })),
        ]}
        onChange={(camera) => set({ camera: camera || null, zone: null })}
      />
      <Select
        label={t("events.class")}
        hideLabel
        value={filter.class ?? ANY}
        choices={[
          { value: ANY, label: t("events.anyClass") },
          ...Object.keys(en.classes).map((name) => ({ value: name, label: className(name) })),
        ]}
        onChange={(name) => set({ class: name || null })}
      />
      <Select
        label={t("events.when")}
        hideLabel
        value={filter.when}
        choices={whens.map(([value, label]) => ({ value, label }))}
        onChange={(when) => set({ when, at_us: when === "around" ? desk.clock.position_us() : null })}
      />
      {filter.camera && (zones.data?.length ?? 0) > 0 && (
        <Select
          label={t("events.zone")}
          hideLabel
          value={filter.zone ?? ANY}
          choices={[
            { value: ANY, label: t("events.anyZone") },
            ...(zones.data ?? []).map((zone) => ({ value: zone.id, label: zone.name })),
          ]}
          onChange={(zone) => set({ zone: zone || null })}
        />
      )}
      <div className={styles.switches}>
        <Switch isSelected={filter.alertsOnly} onChange={(alertsOnly) => set({ alertsOnly })}>
          {t("events.alertsOnly")}
        </Switch>
        <Switch isSelected={filter.unseenOnly} onChange={(unseenOnly) => set({ unseenOnly })}>
          {t("events.unseenOnly")}
        </Switch>
      </div>
    </div>
  );
}
