package i18n

// chineseBackup is what is said of backups, in Chinese.
var chineseBackup = map[string]string{
	"store.calls":    "%d 通来电，%s 至 %s",
	"store.no_calls": "没有来电",
	"store.invented": "这些来电是虚构的。",

	"backup.done":    "%s：%s，数据库版本 %d；完整，已检查。",
	"backup.waiting": "有 %d 条记录在暂存文件中等待写入数据库。它们在 %s 中，该文件是备份的一部分。",

	"restore.holds":    "%s：%s，数据库版本 %d。",
	"restore.older":    "它由旧版程序建立（数据库版本 %d）：恢复时会更新表结构，届时再检查汇总和累计数。",
	"restore.waiting":  "备份时有 %d 条记录尚未写入数据库。它们在 %s 中，下次启动时写入。",
	"restore.sound":    "可以恢复。",
	"restore.curable":  "加上 --force 仍可恢复；之后用 \"aftercall recount\" 重新生成汇总。",
	"restore.forced":   "仍然恢复（--force）；之后用 \"aftercall recount\" 重新生成汇总。",
	"restore.done":     "已恢复，%s：%s，数据库版本 %d。",
	"restore.kept":     "原来的数据库保留为 %s。",
	"restore.raised":   "累计数保持原来的高度，因此 Prometheus 计数器不会下降：比备份多计 %d 次调查。",
	"restore.fallen":   "警告：%s。累计数以备份为准：原来更高的 Prometheus 计数器会下降，跨越该时刻的 increase() 会重复计算。",
	"restore.replayed": "有 %d 条记录在暂存文件 %s 中，等待下次启动时写入。如果某条记录所属的来电不在数据库中，它会被放到同名加 .rejected 的文件里。",

	"flaw.damaged":      "故障：文件损坏：%s",
	"flaw.orphans":      "故障：%d 行数据所属的行不存在",
	"flaw.no_store":     "故障：它不是 aftercall 的数据库",
	"flaw.newer":        "故障：它由更新版本的程序建立（数据库版本 %d）：需要该版本或更新的程序",
	"flaw.other_zone":   "故障：其中的日期属于 %s，而 site.time_zone 是 %s",
	"flaw.off_rollups":  "故障：%d 个汇总数字与记录不符",
	"flaw.short_totals": "故障：%d 个累计数低于已统计的数量",
}
