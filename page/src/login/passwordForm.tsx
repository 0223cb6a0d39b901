import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";

import { answer, api } from "../api/client";
import { keys } from "../api/queries";
import type { Session } from "../api/shapes";
import { Button } from "../controls/button";
import { TextField } from "../controls/fields";
import { ErrorNote } from "../controls/states";
import { useWords } from "../words/language";
import styles from "./login.module.css";

const SHORTEST_PASSWORD = 10;

export function PasswordForm({ onChanged }: { onChanged?: () => void }) {
  const t = useWords();
  const cache = useQueryClient();
  const [current, setCurrent] = useState("");
  const [chosen, setChosen] = useState("");
  const [repeated, setRepeated] = useState("");
  const change = useMutation({
    mutationFn: () => answer(api.POST("/api/session/password", { body: { current, new: chosen } })),
    onSuccess: async () => {
      setCurrent("");
      setChosen("");
      setRepeated("");
      cache.setQueryData<Session | null>(keys.session, (session) =>
        session ? { ...session, user: { ...session.user, must_change_password: false } } : session,
      );
      await cache.invalidateQueries({ queryKey: keys.session });
      onChanged?.();
    },
  });
  const short = chosen !== "" && chosen.length < SHORTEST_PASSWORD;
  const differ = repeated !== "" && repeated !== chosen;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!short && chosen === repeated) change.mutate();
  };
  return (
    <Form className={styles.form} onSubmit={submit}>
      <TextField
        label={t("login.current")}
        type="password"
        value={current}
        onChange={setCurrent}
        autoComplete="current-password"
        latin
        isRequired
      />
      <TextField
        label={t("login.new")}
        type="password"
        value={chosen}
        onChange={setChosen}
        autoComplete="new-password"
        hint={t("login.tooShort")}
        error={short ? t("login.tooShort") : null}
        latin
        isRequired
      />
      <TextField
        label={t("login.repeat")}
        type="password"
        value={repeated}
        onChange={setRepeated}
        autoComplete="new-password"
        error={differ ? t("login.differ") : null}
        latin
        isRequired
      />
      <ErrorNote error={change.error} />
      {change.isSuccess && <p role="status">{t("login.changed")}</p>}
      <Button type="submit" look="primary" isDisabled={change.isPending || short || differ}>
        {t("login.change")}
      </Button>
    </Form>
  );
}

/** Stands before every screen until the one-time password is replaced. */
export function FirstPassword() {
  const t = useWords();
  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <h1>{t("login.changeTitle")}</h1>
        <p className="muted">{t("login.changeReason")}</p>
        <PasswordForm />
      </div>
    </main>
  );
}
