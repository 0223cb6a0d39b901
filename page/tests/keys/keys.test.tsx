import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { combinationOf, KeysProvider, useKeyGroups, useKeys } from "../../src/keys/keys";

function Bound({ combination, run }: { combination: string; run: () => void }) {
  useKeys({ title: "Test", bindings: [{ combination, label: `does ${combination}`, run }] });
  return (
    <>
      <input aria-label="field" />
      <button type="button">press</button>
    </>
  );
}

function Listed() {
  return <p>{useKeyGroups().map((group) => group.bindings.map((binding) => binding.label).join())}</p>;
}

describe("keys", () => {
  it("run what they are bound to, also while the keyboard is Arabic", () => {
    const run = vi.fn();
    render(<Bound combination="k" run={run} />, { wrapper: KeysProvider });
    fireEvent.keyDown(document.body, { key: "k", code: "KeyK" });
    fireEvent.keyDown(document.body, { key: "ن", code: "KeyK" });
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("belong to the field in which somebody types", () => {
    const run = vi.fn();
    render(<Bound combination="k" run={run} />, { wrapper: KeysProvider });
    fireEvent.keyDown(screen.getByLabelText("field"), { key: "k", code: "KeyK" });
    expect(run).not.toHaveBeenCalled();
  });

  it("leave space to the button that has the focus", () => {
    const run = vi.fn();
    render(<Bound combination=" " run={run} />, { wrapper: KeysProvider });
    fireEvent.keyDown(screen.getByText("press"), { key: " ", code: "Space" });
    expect(run).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: " ", code: "Space" });
    expect(run).toHaveBeenCalledOnce();
  });

  it("are listed with what they do while they are bound", () => {
    const { rerender } = render(
      <KeysProvider>
        <Bound combination="k" run={() => undefined} />
        <Listed />
      </KeysProvider>,
    );
    expect(screen.getByText("does k")).toBeTruthy();
    rerender(
      <KeysProvider>
        <Listed />
      </KeysProvider>,
    );
    expect(screen.queryByText("does k")).toBeNull();
  });

  it("know the Arabic question mark and Arabic digits", () => {
    const of = (init: KeyboardEventInit) => combinationOf(new KeyboardEvent("keydown", init));
    expect(of({ key: "؟", code: "Slash", shiftKey: true })).toBe("?");
    expect(of({ key: "٣", code: "Digit3" })).toBe("3");
    expect(of({ key: "ArrowLeft", code: "ArrowLeft", shiftKey: true })).toBe("Shift+ArrowLeft");
  });
});
