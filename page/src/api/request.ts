import type { ApiErrorBody, Localised } from "./shapes";

/** An answer of the server that is not a success, or no answer at all (`code` is then `unreachable`). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: Localised,
    readonly requestId: string | undefined,
  ) {
    super(`${status} ${code}`);
  }
}

const UNREACHABLE: Localised = {
  ar: "تعذّر الوصول إلى الخادم. تُعاد المحاولة تلقائيًا عند عودة الاتصال.",
  en: "The server cannot be reached. This page tries again by itself once the connection is back.",
};

const UNKNOWN: Localised = {
  ar: "أجاب الخادم بخطأ غير متوقع.",
  en: "The server answered with an unexpected error.",
};

let csrfToken = "";
let onSessionLost: () => void = () => undefined;

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called once whenever an answer says that there is no valid session any more. */
export function whenSessionIsLost(callback: () => void): void {
  onSessionLost = callback;
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as { error: ApiErrorBody };
    return new ApiError(response.status, error.code, error.message, error.request_id);
  } catch {
    return new ApiError(response.status, "unexpected", UNKNOWN, undefined);
  }
}

/** Sends one request with what the server wants to see; throws ApiError for every answer that is not a success. */
export async function send(asked: Request): Promise<Response> {
  if (asked.method !== "GET") asked.headers.set("X-Basira-CSRF", csrfToken);
  let response: Response;
  try {
    response = await fetch(asked);
  } catch (reason) {
    if (asked.signal.aborted) throw reason;
    throw new ApiError(0, "unreachable", UNREACHABLE, undefined);
  }
  if (response.ok) return response;
  if (response.status === 401 && !asked.url.endsWith("/api/session")) onSessionLost();
  throw await errorOf(response);
}

/** One call of the API by its path: JSON in, JSON out. Throws ApiError. Prefer `api` (client.ts), which knows types. */
export async function request<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers = body === undefined ? undefined : { "Content-Type": "application/json" };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await send(new Request(path, { method, headers, body: text, signal: signal ?? null }));
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

type QueryValue = string | number | boolean | null | undefined;

/** `/api/x?a=1&b=2`; an array repeats its name; null, undefined and "" are left out. */
export function withQuery(path: string, query: Record<string, QueryValue | readonly QueryValue[]>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === "object" && value !== null ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") search.append(name, String(one));
    }
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
