import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";

import { answer, api } from "../api/client";
import { keys, useSite } from "../api/queries";
import type { Site } from "../api/shapes";
import { Button } from "../controls/button";
import { TextField } from "../controls/fields";
import { Broken, ErrorNote, Loading } from "../controls/states";
import { Code } from "../format/values";
import { useWords } from "../words/language";
import styles from "./settings.module.css";

export function SiteSettings() {
  const site = useSite();
  if (site.isPending) return <Loading />;
  if (site.isError) return <Broken error={site.error} onRetry={() => void site.refetch()} />;
  return <SiteForm site={site.data} />;
}

function SiteForm({ site }: { site: Site }) {
  const t = useWords();
  const cache = useQueryClient();
  const [name, setName] = useState(site.name);
  const save = useMutation({
    mutationFn: () => answer(api.PATCH("/api/site", { body: { name: name.trim() } })),
    onSuccess: (saved) => cache.setQueryData(keys.site, saved),
  });
  return (
    <>
      <Form
        className={styles.inline}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField label={t("settings.siteName")} value={name} onChange={setName} isRequired />
        <Button type="submit" isDisabled={save.isPending || !name.trim() || name.trim() === site.name}>
          {t("common.save")}
        </Button>
      </Form>
      <ErrorNote error={save.error} />
      <dl className={styles.facts}>
        <dt>{t("settings.timeZone")}</dt>
        <dd>
          <Code>{site.time_zone}</Code>
        </dd>
        <dt>{t("settings.retention")}</dt>
        <dd>{t("settings.retentionDays", { count: site.retention_days })}</dd>
        <dt>{t("settings.version")}</dt>
        <dd>
          <Code>{site.version}</Code>
        </dd>
      </dl>
      <p className="small muted">{t("settings.retentionHint")}</p>
    </>
  );
}
