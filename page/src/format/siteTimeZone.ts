import { createContext, useContext } from "react";

export const DEFAULT_TIME_ZONE = "Asia/Baghdad";

export const SiteTimeZone = createContext(DEFAULT_TIME_ZONE);

export function useSiteTimeZone(): string {
  return useContext(SiteTimeZone);
}
