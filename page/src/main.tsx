import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/base.css";
import "./controls/controls.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { startLanguage } from "./words/language";

startLanguage();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
