package i18n

// englishCompare is what is said of comparisons, in English.
var englishCompare = map[string]string{}
