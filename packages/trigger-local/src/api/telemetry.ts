/** A value of an OpenTelemetry attribute, as plain data. */
export type AttributeValue = string | number | boolean | readonly AttributeValue[] | undefined

/** A span that a run's process sent. */
export interface TelemetrySpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly startedAt: Date
  readonly durationMs: number
  readonly isError: boolean
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** A line that a run's process logged: by Trigger.dev's logger or to the console. */
export interface TelemetryLog {
  readonly at: Date
  /** `INFO`, `WARN`, … */
  readonly severity: string
  readonly message: string
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** What arrived so far. Processes send in batches, some seconds late, and before they exit. */
export interface Telemetry {
  readonly spans: TelemetrySpan[]
  readonly logs: TelemetryLog[]
}

interface Value { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean; arrayValue?: { values?: Value[] } }
interface Attribute { key: string; value: Value }
interface Span {
  name: string; traceId: string; spanId: string; parentSpanId?: string; startTimeUnixNano: string; endTimeUnixNano: string
  status?: { code?: number }; attributes?: Attribute[]
}
interface LogRecord { timeUnixNano?: string; observedTimeUnixNano?: string; severityText?: string; body?: Value; traceId?: string; spanId?: string; attributes?: Attribute[] }

/** OpenTelemetry's export of traces, in its JSON form. */
export interface TracesExport { resourceSpans?: { scopeSpans?: { spans?: Span[] }[] }[] }
/** OpenTelemetry's export of logs, in its JSON form. */
export interface LogsExport { resourceLogs?: { scopeLogs?: { logRecords?: LogRecord[] }[] }[] }

/** The spans of an export. */
export function readSpans({ resourceSpans = [] }: TracesExport): TelemetrySpan[] {
  return resourceSpans.flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => ({
    name: span.name,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
    startedAt: dateOf(span.startTimeUnixNano),
    durationMs: dateOf(span.endTimeUnixNano).getTime() - dateOf(span.startTimeUnixNano).getTime(),
    isError: span.status?.code === 2,
    attributes: readAttributes(span.attributes),
  }))))
}

/** The log lines of an export. */
export function readLogs({ resourceLogs = [] }: LogsExport): TelemetryLog[] {
  return resourceLogs.flatMap(({ scopeLogs = [] }) => scopeLogs.flatMap(({ logRecords = [] }) => logRecords.map((record) => ({
    at: dateOf(record.timeUnixNano ?? record.observedTimeUnixNano ?? '0'),
    severity: record.severityText ?? '',
    message: String(readValue(record.body ?? {}) ?? ''),
    traceId: record.traceId,
    spanId: record.spanId,
    attributes: readAttributes(record.attributes),
  }))))
}

function dateOf(nanoseconds: string): Date {
  return new Date(Number(BigInt(nanoseconds) / 1_000_000n))
}

function readAttributes(attributes: Attribute[] = []): Record<string, AttributeValue> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]))
}

function readValue(value: Value): AttributeValue {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(readValue)
  if (value.intValue !== undefined) return Number(value.intValue)
  return value.stringValue ?? value.doubleValue ?? value.boolValue
}
