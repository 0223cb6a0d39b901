import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";

export interface KeyBinding {
  /** `KeyboardEvent.key` as typed ("k", "?", "ArrowLeft", " "), with "Shift+" or "Ctrl+" before it where needed. */
  combination: string;
  /** What it does, in the person's language; shown in the overlay. */
  label: string;
  run: (event: KeyboardEvent) => void;
}

export interface KeyGroup {
  title: string;
  bindings: KeyBinding[];
}

interface Registry {
  groups: KeyGroup[];
  register: (group: () => KeyGroup) => () => void;
}

const Keys = createContext<Registry>({ groups: [], register: () => () => undefined });

const TYPING = "input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true]";

/** While a person types, or a dialog, menu or list box is open, letters belong to it. */
function belongsToControl(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (event.defaultPrevented || event.isComposing || event.metaKey || event.altKey) return true;
  if (target?.closest(TYPING) || target?.closest("[role=dialog], [role=menu], [role=listbox], [role=application]"))
    return true;
  return (event.key === " " || event.key === "Enter") && !!target?.closest("button, a, [role=button], summary");
}

/** Letters by their place on the keyboard, so that shortcuts work while the layout is Arabic. */
function keyOf(event: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
  if (letter && !/^[a-z]$/i.test(event.key)) return letter.toLowerCase();
  if (event.key === "؟") return "?";
  if (digit && /^[٠-٩]$/.test(event.key)) return digit;
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

export function combinationOf(event: KeyboardEvent): string {
  const key = keyOf(event);
  const shifted = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  return `${event.ctrlKey ? "Ctrl+" : ""}${shifted ? "Shift+" : ""}${key}`;
}

export function KeysProvider({ children }: { children: ReactNode }) {
  const [sources, setSources] = useState<(() => KeyGroup)[]>([]);
  const latest = useRef(sources);
  useEffect(() => {
    latest.current = sources;
  }, [sources]);

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (belongsToControl(event)) return;
      const combination = combinationOf(event);
      for (const source of latest.current.toReversed()) {
        const binding = source().bindings.find((one) => one.combination === combination);
        if (binding) {
          event.preventDefault();
          binding.run(event);
          return;
        }
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  const registry = useMemo<Registry>(
    () => ({
      get groups() {
        return sources.map((source) => source());
      },
      register: (group) => {
        setSources((before) => [...before, group]);
        return () => setSources((before) => before.filter((one) => one !== group));
      },
    }),
    [sources],
  );
  return <Keys.Provider value={registry}>{children}</Keys.Provider>;
}

/** Binds keys while the component is mounted; those bound last win. The overlay (?) lists them. */
export function useKeys(group: KeyGroup): void {
  const { register } = useContext(Keys);
  const registerOnce = useRef(register);
  const latest = useRef(group);
  useEffect(() => {
    latest.current = group;
  });
  useEffect(() => registerOnce.current(() => latest.current), []);
}

export function useKeyGroups(): KeyGroup[] {
  return useContext(Keys).groups;
}
