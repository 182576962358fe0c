package i18n

// chineseAgents is what is said of agents' marks, in Simplified Chinese.
var chineseAgents = map[string]string{
	"agents.no_ratings":     "暂无评价。",
	"agents.nobody_else":    "只有坐席 %s 有评价：没有可比较的对象。",
	"agents.groups_apart":   "坐席分为 %s 组，各组之间没有共同的菜单：得分只能在组内比较。",
	"agents.lone_exams":     "某队列的某菜单下只有一名坐席有评价的情形：%s 种。其 %s 次评价不计入校正后满意率，因为没有可比较的对象。",
	"agents.few_agents":     "%s 名坐席所在的组不足 %s 人。人数太少，无法判断坐席之间的差异有多大：其得分未向平均水平靠拢，也不判定高于或低于预期。",
	"agents.no_model":       "%s 名坐席：无法估计其差异有多大。其得分未向平均水平靠拢，也不判定高于或低于预期。",
	"agents.nobody_differs": "%s 名坐席（共 %s 次评价）之间没有显示出超过偶然波动的差异：得分相同。",
	"agents.nobody_told":    "目前还无法区分任何坐席：每名坐席至少需要 %s 次评价；坐席差异越小，所需评价越多。",
	"agents.all_satisfied":  "%s（队列 %s）：所有来电者均表示满意（%s 次评价）。此菜单无法区分坐席。",
	"agents.none_satisfied": "%s（队列 %s）：没有来电者表示满意（%s 次评价）。此菜单无法区分坐席。",
	"agents.unread_ratings": "%s 次评价未计入：数据库中没有其所用菜单的记录。",
	"agents.without_agent":  "%s 次邀评未计入任何坐席：坐席未知。",
	"agents.satisfied_rose": "与本时段前半段相比，后半段同一坐席在同一菜单下的满意率上升了 %s 个百分点（%s 次评价）。主要在其中一半时间上班的坐席，得分会受此影响：请将前后两半分开计算（--from、--to）。",
	"agents.satisfied_fell": "与本时段前半段相比，后半段同一坐席在同一菜单下的满意率下降了 %s 个百分点（%s 次评价）。主要在其中一半时间上班的坐席，得分会受此影响：请将前后两半分开计算（--from、--to）。",
}
