import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  type CheckboxProps,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  NumberField as AriaNumberField,
  type NumberFieldProps,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Switch as AriaSwitch,
  type SwitchProps,
  Text,
  TextField as AriaTextField,
  type TextFieldProps,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";

interface FieldWords {
  label: string;
  hint?: ReactNode;
  error?: string | null;
}

/** `latin`: addresses, user names and passwords are typed from left to right in either language. */
export function TextField({
  label,
  hint,
  error,
  latin = false,
  placeholder,
  ...rest
}: FieldWords & { latin?: boolean; placeholder?: string } & Omit<TextFieldProps, "children" | "className">) {
  return (
    <AriaTextField {...rest} isInvalid={!!error || rest.isInvalid} className="field">
      <Label>{label}</Label>
      <Input className="input" dir={latin ? "ltr" : "auto"} placeholder={placeholder} />
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error ?? undefined}</FieldError>
    </AriaTextField>
  );
}

export function NumberField({
  label,
  hint,
  error,
  ...rest
}: FieldWords & Omit<NumberFieldProps, "children" | "className">) {
  return (
    <AriaNumberField {...rest} isInvalid={!!error} className="field">
      <Label>{label}</Label>
      <Input className="input" />
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error ?? undefined}</FieldError>
    </AriaNumberField>
  );
}

export interface Choice<Value extends string> {
  value: Value;
  label: string;
}

export function Select<Value extends string>({
  label,
  choices,
  value,
  onChange,
  hideLabel = false,
}: {
  label: string;
  choices: Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  hideLabel?: boolean;
}) {
  return (
    <AriaSelect
      className="field"
      aria-label={hideLabel ? label : undefined}
      value={value}
      onChange={(key) => onChange(key as Value)}
    >
      {!hideLabel && <Label>{label}</Label>}
      <AriaButton className="input select-button">
        <SelectValue />
        <ChevronDown size={16} aria-hidden />
      </AriaButton>
      <Popover className="popover">
        <ListBox items={choices.map((choice) => ({ ...choice, id: choice.value }))}>
          {(choice) => (
            <ListBoxItem className="option" id={choice.id}>
              {choice.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** A few choices side by side, one of them chosen. */
export function Segments<Value extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  label: string;
  choices: Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(chosen) => {
        const [first] = chosen;
        if (first !== undefined) onChange(first as Value);
      }}
    >
      {choices.map((choice) => (
        <ToggleButton key={choice.value} id={choice.value} className="segment">
          {choice.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

export function Switch({ children, ...rest }: Omit<SwitchProps, "children" | "className"> & { children: ReactNode }) {
  return (
    <AriaSwitch {...rest} className="switch">
      <span className="switch-track" />
      {children}
    </AriaSwitch>
  );
}

export function Checkbox({
  children,
  ...rest
}: Omit<CheckboxProps, "children" | "className"> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...rest} className="checkbox">
      {({ isSelected }) => (
        <>
          <span className="checkbox-box">{isSelected && <Check size={14} strokeWidth={3} aria-hidden />}</span>
          {children}
        </>
      )}
    </AriaCheckbox>
  );
}
