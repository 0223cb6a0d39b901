import "../theme/fonts.css";
import "../theme/tokens.css";
import "../theme/base.css";
import "../controls/controls.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nProvider } from "react-aria-components";

import { localeOf } from "../format/format";
import { usePreferences } from "../preferences/preferences";
import { startLanguage } from "../words/language";
import { VerifyPage } from "./verifyPage";

/** The verifier as a file of its own: no recorder, no network. */
function Standalone() {
  return (
    <I18nProvider locale={localeOf(usePreferences())}>
      <VerifyPage alone />
    </I18nProvider>
  );
}

startLanguage();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Standalone />
    </StrictMode>,
  );
}
