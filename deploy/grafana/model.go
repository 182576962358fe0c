// Package grafana makes the Grafana dashboards of this folder: Supervisor,
// Agent and Layouts, in every language of the catalogue.
//
// The way in: [Dashboards] gives them, [Files] gives them as the JSON that
// stands beside this file ("make dashboards" writes it), and [Queries] gives
// every query that they ask, to be tried on a real Prometheus.
package grafana

// The types below are the part of Grafana's dashboard model that is used here;
// the names are those of @grafana/schema, against which the JSON is checked.

// schemaVersion is that of @grafana/schema's own default dashboard.
const schemaVersion = 42

// Dashboard is one dashboard.
type Dashboard struct {
	ID            *int        `json:"id"` // always null: Grafana gives it
	UID           string      `json:"uid"`
	Title         string      `json:"title"`
	Description   string      `json:"description"`
	Tags          []string    `json:"tags"`
	SchemaVersion int         `json:"schemaVersion"`
	Editable      bool        `json:"editable"`
	GraphTooltip  int         `json:"graphTooltip"`
	Timezone      string      `json:"timezone"`
	Refresh       string      `json:"refresh"`
	Time          Span        `json:"time"`
	Templating    Templating  `json:"templating"`
	Annotations   Annotations `json:"annotations"`
	Links         []Link      `json:"links"`
	Panels        []Panel     `json:"panels"`
}

// Span is a range of time in Grafana's words.
type Span struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Datasource names a data source.
type Datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Templating holds the variables.
type Templating struct {
	List []Variable `json:"list"`
}

// Variable is one choice above a dashboard.
type Variable struct {
	Name       string      `json:"name"`
	Label      string      `json:"label"`
	Type       string      `json:"type"`
	Datasource *Datasource `json:"datasource,omitempty"`
	Query      any         `json:"query"` // VariableQuery, or the type of data sources
	Regex      string      `json:"regex,omitempty"`
	Refresh    int         `json:"refresh,omitempty"` // 2 = when the shown time changes
	Sort       int         `json:"sort,omitempty"`    // 7 = as people order names with numbers
	Multi      bool        `json:"multi,omitempty"`
	IncludeAll bool        `json:"includeAll,omitempty"`
	AllValue   string      `json:"allValue,omitempty"`
	Current    *Option     `json:"current,omitempty"`
}

// VariableQuery asks Prometheus for the values of a variable.
type VariableQuery struct {
	RefID   string `json:"refId"`
	QryType int    `json:"qryType"` // labelValues or queryResult
	Query   string `json:"query"`
}

// Kinds of a VariableQuery.
const (
	labelValues = 1
	queryResult = 3
)

// Option is what is chosen of a variable.
type Option struct {
	Text  []string `json:"text"`
	Value []string `json:"value"`
}

// Annotations holds the queries for marks on the time axis.
type Annotations struct {
	List []Annotation `json:"list"`
}

// Annotation is a query whose results are marks on the time axis.
type Annotation struct {
	Name            string     `json:"name"`
	Datasource      Datasource `json:"datasource"`
	Enable          bool       `json:"enable"`
	IconColor       string     `json:"iconColor"`
	Target          Target     `json:"target"`
	TitleFormat     string     `json:"titleFormat"`
	TextFormat      string     `json:"textFormat"`
	TagKeys         string     `json:"tagKeys"`
	UseValueForTime bool       `json:"useValueForTime"` // the value is the moment, in ms
}

// Link leads to other dashboards.
type Link struct {
	Type        string   `json:"type"`
	Title       string   `json:"title"`
	Tooltip     string   `json:"tooltip"`
	Icon        string   `json:"icon"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	TargetBlank bool     `json:"targetBlank"`
}

// Panel is one panel.
type Panel struct {
	name            string           // its key in the catalogue
	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Datasource      *Datasource      `json:"datasource,omitempty"`
	GridPos         GridPos          `json:"gridPos"`
	MaxDataPoints   int              `json:"maxDataPoints,omitempty"`
	TimeFrom        string           `json:"timeFrom,omitempty"`
	Targets         []Target         `json:"targets,omitempty"`
	FieldConfig     *FieldConfig     `json:"fieldConfig,omitempty"`
	Options         any              `json:"options"`
	Transformations []Transformation `json:"transformations,omitempty"`
}

// GridPos is a place on the grid of 24 columns.
type GridPos struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Target is one query to Prometheus.
type Target struct {
	RefID        string     `json:"refId"`
	Datasource   Datasource `json:"datasource"`
	EditorMode   string     `json:"editorMode"`
	Expr         string     `json:"expr"`
	Format       string     `json:"format"`
	LegendFormat string     `json:"legendFormat,omitempty"`
	Instant      bool       `json:"instant"`
	Range        bool       `json:"range"`
}

// Transformation changes what the queries gave.
type Transformation struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

// FieldConfig says how values are shown.
type FieldConfig struct {
	Defaults  Defaults   `json:"defaults"`
	Overrides []Override `json:"overrides"`
}

// Defaults is how values are shown where no override says otherwise.
type Defaults struct {
	Unit       string         `json:"unit"`
	Decimals   *int           `json:"decimals,omitempty"`
	Min        *float64       `json:"min,omitempty"`
	Max        *float64       `json:"max,omitempty"`
	NoValue    string         `json:"noValue,omitempty"`
	Color      Color          `json:"color"`
	Thresholds *Thresholds    `json:"thresholds,omitempty"`
	Mappings   []Mapping      `json:"mappings,omitempty"`
	Custom     map[string]any `json:"custom,omitempty"`
}

// Color is how values get their colour.
type Color struct {
	Mode       string `json:"mode"`
	FixedColor string `json:"fixedColor,omitempty"`
}

// Thresholds are values from which another colour holds.
type Thresholds struct {
	Mode  string `json:"mode"`
	Steps []Step `json:"steps"`
}

// Step is one threshold; the first has no value.
type Step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

// Mapping gives values words.
type Mapping struct {
	Type    string `json:"type"`
	Options any    `json:"options"`
}

// Override is how some values are shown.
type Override struct {
	Matcher    Matcher    `json:"matcher"`
	Properties []Property `json:"properties"`
}

// Matcher says which values.
type Matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

// Property is one thing that an override sets.
type Property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}
