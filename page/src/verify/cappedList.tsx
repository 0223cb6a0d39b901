import { Fragment, type ReactNode, useState } from "react";

import { Button } from "../controls/button";
import { useWords } from "../words/language";

/** The first of many rows, and the others when they are asked for. `row` gives a list item. */
export function CappedList<Item>({
  items,
  atFirst,
  className,
  row,
}: {
  items: readonly Item[];
  atFirst: number;
  className: string | undefined;
  row: (item: Item) => ReactNode;
}) {
  const t = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, atFirst);
  const more = items.length - shown.length;
  return (
    <>
      <ul className={className}>
        {shown.map((item, at) => (
          <Fragment key={at}>{row(item)}</Fragment>
        ))}
      </ul>
      {more > 0 && (
        <div>
          <Button onPress={() => setAll(true)}>{t("verify.showMore", { count: more })}</Button>
        </div>
      )}
    </>
  );
}
