import { CircleAlert, CircleSlash, Info, Lock, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { ApiError } from "../api/request";
import type { Localised } from "../api/shapes";
import { useLocalised, useWords } from "../words/language";
import { Button } from "./button";

function textOf(error: unknown, localised: (message: Localised) => string): string {
  if (error instanceof ApiError) return localised(error.text);
  return error instanceof Error ? error.message : JSON.stringify(error);
}

/** Nothing is here yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <CircleSlash size={28} aria-hidden />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading() {
  const t = useWords();
  return (
    <div className="state" role="status">
      <div className="loading-bar" />
      <span>{t("common.loading")}</span>
    </div>
  );
}

/** A question the server did not answer well: says why, and offers to ask again. */
export function Broken({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useWords();
  const localised = useLocalised();
  if (error instanceof ApiError && error.status === 403) {
    return (
      <div className="state" role="alert">
        <Lock size={28} aria-hidden />
        <h2>{t("common.forbidden")}</h2>
        <p>{t("common.forbiddenAdvice")}</p>
      </div>
    );
  }
  return (
    <div className="state" role="alert">
      <TriangleAlert size={28} aria-hidden />
      <h2>{textOf(error, localised)}</h2>
      {error instanceof ApiError && error.requestId && (
        <p className="small">{t("common.requestId", { id: error.requestId })}</p>
      )}
      {onRetry && <Button onPress={onRetry}>{t("common.retry")}</Button>}
    </div>
  );
}

/** One sentence beside what it is about. */
export function Note({ severity, children }: { severity: "info" | "warning" | "error"; children: ReactNode }) {
  const Icon = { info: Info, warning: TriangleAlert, error: CircleAlert }[severity];
  return (
    <div className={`note ${severity}`} role={severity === "error" ? "alert" : undefined}>
      <Icon size={18} aria-hidden />
      <div className="note-body">{children}</div>
    </div>
  );
}

export function ErrorNote({ error }: { error: unknown }) {
  const localised = useLocalised();
  if (!error) return null;
  return <Note severity="error">{textOf(error, localised)}</Note>;
}
