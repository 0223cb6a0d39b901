import { Search } from "lucide-react";

import type { DiscoveredDevice } from "../api/shapes";
import { Button } from "../controls/button";
import { ErrorNote } from "../controls/states";
import { Code } from "../format/values";
import { useWords } from "../words/language";
import { useDiscovery } from "./api";
import styles from "./cameras.module.css";

/** Asks the network for ONVIF devices and offers what answered. */
export function Discovery({ onChoose }: { onChoose: (device: DiscoveredDevice) => void }) {
  const t = useWords();
  const discovery = useDiscovery();
  return (
    <div className={styles.discovery}>
      <Button onPress={() => discovery.mutate()} isDisabled={discovery.isPending}>
        <Search size={16} aria-hidden />
        {t(discovery.isPending ? "cameras.discovering" : "cameras.discover")}
      </Button>
      <ErrorNote error={discovery.error} />
      <div role="status">
        {discovery.data?.length === 0 && <p className="small muted">{t("cameras.discoveredNone")}</p>}
        {discovery.data && discovery.data.length > 0 && (
          <ul className={styles.devices}>
            {discovery.data.map((device) => (
              <li key={device.address}>
                <Button look="quiet" onPress={() => onChoose(device)}>
                  <bdi>{device.name || device.hardware}</bdi> <Code>{device.address}</Code>
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
