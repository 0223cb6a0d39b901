import { type FormEvent, useEffect, useState } from "react";
import { Form } from "react-aria-components";
import { Link } from "react-router";

import { useLogIn } from "../api/queries";
import { Button } from "../controls/button";
import { TextField } from "../controls/fields";
import { ErrorNote } from "../controls/states";
import { setPreferences, usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import styles from "./login.module.css";

export function LoginScreen({ ended }: { ended: boolean }) {
  const t = useWords();
  const logIn = useLogIn();
  const { language } = usePreferences();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  useEffect(() => {
    document.title = `${t("login.title")} · ${t("product.name")}`;
  }, [t]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate({ username, password });
  };
  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <header className={styles.brand}>
          <img src="/icon.svg" alt="" width={40} height={40} />
          <h1>{t("product.name")}</h1>
        </header>
        {ended && !logIn.error && <p className="muted">{t("login.again")}</p>}
        <Form className={styles.form} onSubmit={submit}>
          <TextField
            label={t("login.username")}
            value={username}
            onChange={setUsername}
            autoComplete="username"
            latin
            isRequired
            autoFocus
          />
          <TextField
            label={t("login.password")}
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
            latin
            isRequired
          />
          <ErrorNote error={logIn.error} />
          <Button type="submit" look="primary" isDisabled={logIn.isPending}>
            {t("login.submit")}
          </Button>
        </Form>
        <Button look="quiet" onPress={() => setPreferences({ language: language === "ar" ? "en" : "ar" })}>
          <span lang={language === "ar" ? "en" : "ar"}>{t("frame.switchLanguage")}</span>
        </Button>
        <Link className="small" to="/verify">
          {t("verify.title")}
        </Link>
      </div>
    </main>
  );
}
