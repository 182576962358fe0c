package i18n

// catalogues holds the texts by language and key. A key begins with its area:
//
//	outcome.  how a question ended
//	reason.   why a survey ended
//	column.   heads of tables: status page, calls, demo summary
//	status.   the status page
//	calls.    the table of calls
//	demo.     the summary of a demo
var catalogues = map[string]map[string]string{
	"en": {
		"outcome.rated":       "rated",
		"outcome.error":       "error",
		"outcome.hangup":      "hung up",
		"outcome.invalid":     "wrong keys only",
		"outcome.no_input":    "no key",
		"outcome.not_reached": "not reached",

		"reason.completed":   "every question was rated",
		"reason.silent":      "the caller pressed no key",
		"reason.wrong_keys":  "the caller pressed only keys that are not in the menu",
		"reason.caller_left": "the caller hung up",
		"reason.audio":       "a prompt did not play",
		"reason.store":       "the rating could not be stored in time",
		"reason.overdue":     "the survey took longer than allowed",
		"reason.stopped":     "the service was stopped during the survey",
		"reason.lost":        "the connection was lost during the survey",

		"column.time":     "time",
		"column.call":     "call",
		"column.queue":    "queue",
		"column.agent":    "agent",
		"column.layout":   "layout",
		"column.language": "language",
		"column.result":   "result",
		"column.key":      "key",
		"column.reason":   "why it ended",
		"column.offered":  "asked",
		"column.rated":    "rated",

		"status.title":    "Recent surveys",
		"status.parts":    "Parts",
		"status.part":     "part",
		"status.state":    "state",
		"status.asterisk": "Asterisk",
		"status.store":    "store",
		"status.spill":    "spill file",
		"status.ok":       "ready",
		"status.failed":   "failed: %s",
		"status.spilled":  "%d records wait to be stored",
		"status.active":   "surveys in progress: %d",
		"status.none":     "no survey yet",

		"calls.none": "no calls",

		"demo.title":     "What the callers said",
		"demo.by_layout": "By layout",
		"demo.by_agent":  "By agent",
	},
	"zh-CN": {
		"outcome.rated":       "已评价",
		"outcome.error":       "系统故障",
		"outcome.hangup":      "挂机",
		"outcome.invalid":     "仅有无效按键",
		"outcome.no_input":    "未按键",
		"outcome.not_reached": "未问到",

		"reason.completed":   "所有问题均已评价",
		"reason.silent":      "来电者未按键",
		"reason.wrong_keys":  "来电者只按了菜单以外的键",
		"reason.caller_left": "来电者已挂机",
		"reason.audio":       "提示音未能播放",
		"reason.store":       "评价未能及时保存",
		"reason.overdue":     "评价时间超过上限",
		"reason.stopped":     "评价期间服务停止",
		"reason.lost":        "评价期间连接中断",

		"column.time":     "时间",
		"column.call":     "通话",
		"column.queue":    "队列",
		"column.agent":    "坐席",
		"column.layout":   "按键方案",
		"column.language": "语言",
		"column.result":   "结果",
		"column.key":      "按键",
		"column.reason":   "结束原因",
		"column.offered":  "邀评",
		"column.rated":    "已评",

		"status.title":    "最近的评价",
		"status.parts":    "运行状态",
		"status.part":     "部件",
		"status.state":    "状态",
		"status.asterisk": "Asterisk",
		"status.store":    "数据库",
		"status.spill":    "暂存文件",
		"status.ok":       "正常",
		"status.failed":   "故障：%s",
		"status.spilled":  "%d 条记录等待入库",
		"status.active":   "进行中的评价：%d",
		"status.none":     "暂无评价",

		"calls.none": "暂无通话",

		"demo.title":     "来电者的评价",
		"demo.by_layout": "按方案统计",
		"demo.by_agent":  "按坐席统计",
	},
}
