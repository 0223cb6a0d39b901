import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";

import { answer, api } from "../api/client";
import { keys } from "../api/queries";
import type { Webhook } from "../api/shapes";
import { Button } from "../controls/button";
import { TextField } from "../controls/fields";
import { Broken, ErrorNote, Loading, Note } from "../controls/states";
import { useFormat } from "../format/format";
import { Code, Moment } from "../format/values";
import { useLocalised, useWords } from "../words/language";
import styles from "./settings.module.css";

/** Where alerts and alarms are posted. */
export function WebhookSettings() {
  const t = useWords();
  const webhooks = useQuery({
    queryKey: keys.webhooks,
    queryFn: async ({ signal }) => (await answer(api.GET("/api/webhooks", { signal }))).webhooks,
  });
  if (webhooks.isPending) return <Loading />;
  if (webhooks.isError) return <Broken error={webhooks.error} onRetry={() => void webhooks.refetch()} />;
  return (
    <>
      <p className="small muted">{t("settings.webhooksHint")}</p>
      <ul className={styles.items}>
        {webhooks.data.map((webhook) => (
          <WebhookItem key={webhook.id} webhook={webhook} />
        ))}
      </ul>
      <AddWebhook />
    </>
  );
}

function WebhookItem({ webhook }: { webhook: Webhook }) {
  const t = useWords();
  const format = useFormat();
  const localised = useLocalised();
  const cache = useQueryClient();
  const at = { params: { path: { webhook: webhook.id } } };
  const refresh = () => cache.invalidateQueries({ queryKey: keys.webhooks });
  const test = useMutation({
    mutationFn: () => answer(api.POST("/api/webhooks/{webhook}/test", at)),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/api/webhooks/{webhook}", at)),
    onSuccess: refresh,
  });
  const last = webhook.deliveries[0];
  return (
    <li>
      <div>
        <p>
          <Code>{webhook.url}</Code>
        </p>
        {webhook.last_error && (
          <p className="small">
            {t("settings.webhookFailing", { count: webhook.attempts })} <Code>{webhook.last_error}</Code>
          </p>
        )}
        {last?.ok && !webhook.last_error && (
          <p className="small muted">
            {t("settings.webhookDelivered")} <Moment time_us={last.at_us} show="dateTime" />
          </p>
        )}
        {test.data && (
          <p className="small" role="status">
            {test.data.ok
              ? t("settings.webhookTestOk", { status: format.number(test.data.status ?? 0) })
              : test.data.error
                ? localised(test.data.error.message)
                : t("settings.webhookTestFailed")}
          </p>
        )}
        <ErrorNote error={test.error ?? remove.error} />
      </div>
      <Button onPress={() => test.mutate()} isDisabled={test.isPending}>
        {t("settings.webhookTest")}
      </Button>
      <Button look="quiet" onPress={() => remove.mutate()} isDisabled={remove.isPending}>
        {t("common.remove")}
      </Button>
    </li>
  );
}

function AddWebhook() {
  const t = useWords();
  const cache = useQueryClient();
  const [url, setUrl] = useState("");
  const add = useMutation({
    mutationFn: () => answer(api.POST("/api/webhooks", { body: { url: url.trim() } })),
    onSuccess: async () => {
      setUrl("");
      await cache.invalidateQueries({ queryKey: keys.webhooks });
    },
  });
  return (
    <>
      <Form
        className={styles.inline}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <TextField
          label={t("settings.webhookUrl")}
          value={url}
          onChange={setUrl}
          placeholder="https://example.org/basira"
          latin
          isRequired
        />
        <Button type="submit" isDisabled={add.isPending || !/^https?:\/\/./.test(url.trim())}>
          {t("common.add")}
        </Button>
      </Form>
      <ErrorNote error={add.error} />
      {add.data && (
        <Note severity="info">
          <p>{t("settings.webhookSecret")}</p>
          <Code>{add.data.secret}</Code>
        </Note>
      )}
    </>
  );
}
