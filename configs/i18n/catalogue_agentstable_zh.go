package i18n

// chineseAgentsTable is what stands around the marks of agents, in Simplified
// Chinese.
var chineseAgentsTable = map[string]string{
	"tier.above":    "高于预期",
	"tier.expected": "符合预期",
	"tier.below":    "低于预期",
	"tier.untold":   "无法区分",

	"marks.title":      "坐席满意率",
	"marks.period":     "%s 至 %s（天数：%s），邀评：%s，评价：%s",
	"marks.moved":      "截至今天的 30 天内没有邀评，改为列出截至最后一个有邀评之日的 30 天。",
	"marks.last_day":   "这段时间没有邀评；各队列中最后一个有邀评的日期是 %s（可用 --from、--to 指定）。",
	"marks.no_surveys": "这段时间没有邀评。",
	"marks.only_queue": "仅队列 %s：只按该队列的评价计算。",
	"marks.only_team":  "仅列出班组 %s；得分仍在全体坐席中算出。",
	"marks.unheard":    "名册中在该队列没有邀评的坐席：%s 名。",
	"marks.nobody":     "没有可列出的坐席。",

	"marks.group":   "第 %s 组  队列：%s",
	"marks.unrated": "没有评价的坐席",

	"marks.name":        "姓名",
	"marks.id":          "编号",
	"marks.team":        "班组",
	"marks.answered":    "参评率",
	"marks.ratings":     "评价数 n",
	"marks.raw":         "满意率",
	"marks.adjusted":    "校正后满意率",
	"marks.reliability": "信度",
	"marks.tier":        "评定",
	"marks.few":         "过少（%s）",

	"marks.needed": "信度达到 %s 约需 %s 个评价，达到 %s 约需 %s 个。",

	"marks.read":        "怎样看这张表",
	"marks.exam":        "每个菜单好比一份考卷，难易不同：同样的服务，在有的菜单下按“满意”的来电者更多。",
	"marks.mixed_model": "难易根据在多个菜单下都得到评价的坐席测算。校正后满意率就是坐席的得分：假如每名坐席的来电者听到的都是同一套菜单组合，满意率会是多少；评价越少，得分越向平均水平靠拢。",
	"marks.observed":    "共用菜单的坐席太少、无法测算难易时，得分是把该坐席得到的评价与全体坐席在相同菜单下得到的评价相对照；评价再少，得分也不向平均水平靠拢，也不评定高于或低于预期。",
	"marks.interval":    "括号内为百分之九十五置信区间：类似情形每 100 次约有 95 次包含真实值。区间有重叠的坐席未必有高下之分。",
	"marks.tiers":       "高于、低于预期：与对全体坐席的预期之差超出偶然，并已考虑同时查看的坐席众多。符合预期：没有显示出这样的差别。评价数达到 %s 且信度达到 %s 才作评定。",
	"marks.no_rank":     "评定不是排名；表格按姓名排列。菜单以外的不同之处仍会影响得分：所接来电的难易、上班的日期。",
	"marks.share":       "信度（0 至 1）：各坐席得分之间的差别有多少来自坐席本身，而不是偶然。",
	"marks.pay":         "信度低于 %s 或无法得知的得分不宜与绩效工资挂钩：此处有 %s 名（共 %s 名坐席）。",

	"marks.exams":      "考卷（菜单）",
	"marks.in_group":   "组",
	"marks.expected":   "预期满意率",
	"marks.weight":     "权重",
	"marks.exams_note": "预期满意率：中等水平的坐席在该菜单下的满意率，越高越容易。权重：该菜单在统一的菜单组合中所占的比例。",
}
