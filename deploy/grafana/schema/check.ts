// What our dashboards may be, in the types of @grafana/schema. The test writes
// each dashboard beside this file as a constant of type Board.
import type { AnnotationQuery, Dashboard, DataSourceRef, FieldConfig, FieldConfigSource, Panel, ValueMapping, VariableModel } from '@grafana/schema';
import type * as barchart from '@grafana/schema/dist/esm/raw/composable/barchart/panelcfg/x/BarChartPanelCfg_types.gen';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as text from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// Literal takes the enums out of a type: in JSON their values stand, not their names.
type Literal<T> = T extends string ? `${T}` : T extends number | boolean | null | undefined ? T : T extends Array<infer U> ? Literal<U>[] : T extends object ? { [K in keyof T]: Literal<T[K]> } : T;

// The schema has no types for what belongs to Prometheus' data source and to
// links and transformations; these are theirs in Grafana's sources.
type Prometheus = { type: 'prometheus'; uid: '${datasource}' } & DataSourceRef;
interface Query {
  refId: string;
  datasource: Prometheus;
  editorMode: 'code';
  expr: string;
  format: 'time_series' | 'table' | 'heatmap';
  legendFormat?: string;
  instant: boolean;
  range: boolean;
}
interface ValuesQuery {
  refId: string;
  qryType: 1 | 3;
  query: string;
}
interface DataLink {
  title: string;
  url: string;
  targetBlank: boolean;
}
type Transformation =
  | { id: 'merge'; options: Record<string, never> }
  | { id: 'organize'; options: { excludeByName: Record<string, boolean>; indexByName: Record<string, number>; renameByName: Record<string, string> } }
  | { id: 'sortBy'; options: { fields: Record<string, never>; sort: Array<{ field: string; desc: boolean }> } }
  | { id: 'groupingToMatrix'; options: { columnField: string; rowField: string; valueField: string; emptyValue: 'null' } };

// Property is what an override may set: a field's own settings, or those of
// its kind of panel.
type Property<C> =
  | { [K in Exclude<keyof FieldConfig, 'custom' | 'links' | 'mappings'>]-?: { id: K; value: Literal<FieldConfig[K]> } }[Exclude<keyof FieldConfig, 'custom' | 'links' | 'mappings'>]
  | { id: 'links'; value: DataLink[] }
  | { id: 'mappings'; value: Literal<ValueMapping>[] }
  | { [K in keyof C & string]-?: { id: `custom.${K}`; value: Literal<C[K]> } }[keyof C & string];

type Base = Required<Pick<Panel, 'id' | 'title' | 'description' | 'gridPos'>> & Pick<Panel, 'maxDataPoints' | 'timeFrom'>;
type Fields<C> = {
  defaults: Literal<Omit<FieldConfig, 'custom' | 'links' | 'unit'>> & { unit: string; custom?: Literal<Partial<C>> };
  overrides: Array<{ matcher: Literal<FieldConfigSource['overrides'][number]['matcher']>; properties: Property<C>[] }>;
};
type Of<T extends string, O, C> = Base & {
  type: T;
  datasource: Prometheus;
  targets: Query[];
  options: Literal<O>;
  fieldConfig: Fields<C>;
  transformations?: Transformation[];
};

type AnyPanel =
  | Of<'stat', Omit<stat.Options, 'text'>, Record<never, never>>
  | Of<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | Of<'table', table.Options, table.FieldConfig>
  | Of<'barchart', barchart.Options, barchart.FieldConfig>
  | Of<'heatmap', heatmap.Options, heatmap.FieldConfig>
  | (Base & { type: 'text'; options: Literal<text.Options> });

type Variable = Literal<Omit<VariableModel, 'query' | 'datasource'>> & ({ type: 'datasource'; query: 'prometheus' } | { type: 'query'; query: ValuesQuery; datasource: Prometheus });
type Annotation = Omit<AnnotationQuery, 'target' | 'datasource'> & { target: Query; datasource: Prometheus; titleFormat: string; textFormat: string; tagKeys: string; useValueForTime: boolean };

export type Board = Required<Literal<Pick<Dashboard, 'id' | 'uid' | 'title' | 'description' | 'tags' | 'schemaVersion' | 'editable' | 'graphTooltip' | 'timezone' | 'refresh' | 'time' | 'links'>>> & {
  templating: { list: Variable[] };
  annotations: { list: Annotation[] };
  panels: AnyPanel[];
};
