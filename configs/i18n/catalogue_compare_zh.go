package i18n

// chineseCompare is what is said of comparisons, in Simplified Chinese.
var chineseCompare = map[string]string{}
