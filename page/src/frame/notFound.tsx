import { Link, useRouteError } from "react-router";

import { Button } from "../controls/button";
import { Empty } from "../controls/states";
import { useWords } from "../words/language";
import { Screen } from "./screen";

export function NotFound() {
  const t = useWords();
  return (
    <Screen title={t("frame.notFound")} bare>
      <Empty title={t("frame.notFound")}>
        <Link to="/" className="button plain">
          {t("frame.toWall")}
        </Link>
      </Empty>
    </Screen>
  );
}

/** A fault in the page itself: one screen fails, the rail and the other screens stay. */
export function ScreenFault() {
  const t = useWords();
  const error = useRouteError();
  return (
    <Screen title={t("frame.broken")} bare>
      <Empty title={t("frame.broken")}>
        <p>{t("frame.brokenAdvice")}</p>
        <p className="small code" dir="ltr">
          {error instanceof Error ? error.message : String(error)}
        </p>
        <Button onPress={() => window.location.reload()}>{t("frame.reload")}</Button>
      </Empty>
    </Screen>
  );
}
