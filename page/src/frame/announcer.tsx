import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

type Announce = (text: string, urgency?: "polite" | "assertive") => void;

const Announcer = createContext<Announce>(() => undefined);

/** Speaks to screen readers through two live regions that never leave the page. */
export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const [polite, setPolite] = useState("");
  const [assertive, setAssertive] = useState("");
  const announce = useCallback<Announce>((text, urgency = "polite") => {
    (urgency === "polite" ? setPolite : setAssertive)(text);
  }, []);
  return (
    <Announcer.Provider value={announce}>
      {children}
      <div className="visually-hidden" role="status">
        {polite}
      </div>
      <div className="visually-hidden" role="alert">
        {assertive}
      </div>
    </Announcer.Provider>
  );
}

export function useAnnounce(): Announce {
  return useContext(Announcer);
}
