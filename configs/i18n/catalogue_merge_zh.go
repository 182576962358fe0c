package i18n

// chineseMerge is what is said where agents are merged, in Chinese.
var chineseMerge = map[string]string{
	"merge.called":    "%s（%s）",
	"merge.plan":      "%s 将计入 %s：%d 次邀评，自 %s 至 %s，以及今后的全部。",
	"merge.plan_none": "%s 将计入 %s：目前没有邀评，今后的全部计入。",
	"merge.keeps":     "通话记录保留当时登记的坐席；%s 的累计数保持不变。此操作不可撤销。",
	"merge.ask":       "确认合并？y/n ",
	"merge.not":       "未作任何更改。",
	"merge.done":      "%s 已计入 %s：移动了 %d 次邀评。",
	"merge.already":   "%s 已经计入 %s：未作任何更改。",
	"merge.roster":    "警告：名册中仍有坐席 %s：请将其接口和名称移给 %s，并从名册中删除",
}
