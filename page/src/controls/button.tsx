import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps } from "react-aria-components";

type Look = "plain" | "primary" | "danger" | "quiet";

/** `icon`: a square button whose only content is a picture; it then needs `aria-label`. */
export function Button({
  look = "plain",
  icon = false,
  className,
  ...rest
}: Omit<ButtonProps, "className" | "children"> & {
  look?: Look;
  icon?: boolean;
  className?: string;
  children?: ReactNode;
}) {
  return <AriaButton {...rest} className={["button", look, icon && "icon", className].filter(Boolean).join(" ")} />;
}
