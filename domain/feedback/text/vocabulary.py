"""Words that the readers know of themselves: general ones, which name no theme, and those of trade.

The general ones are what a customer of anything may say without saying what about. `SOLD_ZH` is of the trades that
the judge learnt from; who sells other things adds to it, and counts up `reading.GENERATION`.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GENERAL_ZH = _words(
    """
    问题 东西 事情 地方 方面 情况 部分 全部 总体 整体 个人 时候 时间 小时 当时 有时 结果 原因 缘故 现象 例子 信息 想象
    样子 办法 方法 方式 过程 程度 水平 条件 水准 关系 意思 意义 道理 理由 想法 意见 建议 评论 评价 感觉 感受 印象 体会
    心情 情绪 习惯 经验 经历 机会 能力 作用 影响 区别 差距 差别 特点 特色 优点 缺点 优势 亮点 毛病 理想 家长 网站 公司
    基本 基本上 无法 有点 有关 有所 实际 现实 事实 客观 全面 专门 原本 起码 好象 我会 总算 差不多 意识 模式 国际 时代
    不值 极差 差点 差劲 太小 太重 很漂亮 好书 垃圾 热情 麻烦 困难 痛苦 恶心 气愤 生气 小心 用心 合理 不合理 精彩 人性化
    普通 免费 自动 自带 原装 标准 一流 一面 一楼 二楼 大量 同类 典型 传统 主题 关键 重点 中心 对面 表面 块钱 回家 产生
    形容 提高 有用 一般 使用 需要 要求 希望 喜欢 享受 收获 帮助 学会 变化 反应 管理 工作 生活 学习 活动 行政 白色 黑色
    大家 人家 人们 自己 对方 朋友 同事 同学 家人 家庭 孩子 小孩 小孩子 小朋友 女儿 儿子 宝宝 妈妈 爸爸 父母 老公 老婆
    先生 大人 女孩 女孩子 老外 客人 客户 顾客 用户 读者 网友 单位 眼睛 身体 世界 国家 中国 办公 娱乐 住宿 总结 分析
    """
)
"""Dictionary nouns that a customer says about anything: stuffing of speech, praise and blame, people."""

SOLD_ZH = _words(
    """
    酒店 大酒店 商务酒店 宾馆 饭店 旅馆 招待所 商务 电脑 笔记本 本本 机器 机子 本子 台式机 书籍 书本 图书 产品 商品
    携程 携程网 京东 当当网
    """
)
"""What is sold and by whom: known from the product, so it names no theme."""

TRADE_ZH = _words(
    """
    散热 发热 上网 装修 做工 安装 配置 位置 显卡 接口 蓝牙 运行 操作 操作系统 下载 预订 预定 登记 手续 付款 打折 退款
    退房 送货 到货 缺货 补货 快递 包装 赠送 退货 换货 保修 维修 投诉 道歉 接待 打扫 洗澡 停车 自助餐 周边环境 周围环境
    翻译 排版 插图 出版 正版 盗版
    """
)
"""What customers talk about though the dictionary files it under verbs and places."""

DEPENDENT_ZH = _words("速度 效果 人员 时间 水平")
"""Words that say something only together with the one before: 送货速度, 隔音效果, 服务人员."""

GENERAL_EN = _words(
    """
    able ago amazon answer anyone anything average away bit brand break buyer case cause change chance choice christmas
    come company couple course customer day deal decent difference dollar end entire everyone everything expect fact
    feature figure gave guess half happen hear heard home hope hour idea instead item job kind knew larger later let
    level longer look lot love machine maker manufacturer market mean minute model moment money month morning need
    night number okay online opinion option owner paid part past people period person piece place plus point present
    product purchase quite range reason replace result return review reviewer rest right second sense set shop simple
    someone something somewhat soon sort spend spent star start store stuff sure take taken thing think thought time
    today took total trip try turn type unit use user view visit waste way week weekend while word world year
    hotel motel laptop notebook computer book novel bigger smaller cheaper better best worse worst great good bad nice
    new old big small long short high low hard easy fast slow full real true main major same different other early late
    did does doing done don doesnt dont didnt isnt cant wont just really like ever never always still again maybe away
    far little extra large despite experience mention hold normal regular various certain multiple possible simply
    bought buy get got goes going gone make made use used want went work say said tell told know see seen saw read give
    given keep kept put run try tried ask asked call called arrive arrived come came feel felt got leave left stay order
    """
)
"""English words that say nothing of what it is about, beyond scikit-learn's list of stop words."""

ASPECTS_EN = _words(
    """
    packaging shipping pricing training charging sizing billing onboarding seating lighting parking heating cooling
    processing tracking handling wiring cleaning recording printing bedding ceiling building cable table bed speed feed
    archive drive supply assembly battery support service care value energy security warranty quality comfort interest
    delivery reply privacy safety
    """
)
"""Nouns that look like verbs or adjectives, or that the lexicon of moods knows too."""

MOODS_EN = {
    "breaks": -1.6, "cheaply": -1.7, "cracked": -1.8, "crashes": -1.9, "delays": -1.4, "expensive": -1.2,
    "flimsy": -1.9, "froze": -1.7, "garbage": -2.2, "glitch": -1.6, "glitches": -1.6, "glitchy": -1.9, "grainy": -1.4,
    "buggy": -2.1, "bug": -1.2, "bugs": -1.2, "bulky": -1.3, "clunky": -1.6, "inaccurate": -1.8, "incompatible": -1.7,
    "issue": -1.0, "issues": -1.0, "junk": -2.2, "late": -1.5, "leaking": -1.7, "leaks": -1.7, "malfunction": -2.0,
    "malfunctioned": -2.0, "malfunctions": -2.0, "outdated": -1.5, "overcharged": -2.2, "overheating": -1.9,
    "overheats": -1.9, "overpriced": -2.0, "poorly": -2.0, "pricey": -1.0, "refund": -1.2, "repair": -0.8,
    "repairs": -0.8, "replace": -0.7, "replaced": -0.8, "replacement": -0.6, "returned": -1.0, "rip-off": -2.4,
    "ripoff": -2.4, "rubbish": -2.2, "scratched": -1.5, "slow": -1.3, "slowly": -1.2, "smelly": -1.9, "stained": -1.6,
    "stale": -1.6, "unhelpful": -2.0, "unreliable": -2.1, "unresponsive": -2.0, "unusable": -2.6, "waited": -0.9,
    "waiting": -0.9,
    "accurate": 1.6, "affordable": 1.5, "answered": 0.8, "compact": 0.8, "cozy": 1.6, "crisp": 1.4, "durable": 1.8,
    "fast": 1.4, "inexpensive": 1.2, "intuitive": 1.7, "knowledgeable": 1.8, "lightweight": 1.1, "prompt": 1.5,
    "promptly": 1.5, "punctual": 1.5, "quick": 1.3, "quickly": 1.2, "quiet": 1.2, "reliable": 2.0, "smooth": 1.4,
    "smoothly": 1.5, "spacious": 1.6, "speedy": 1.4, "sturdy": 1.7, "tasty": 1.8, "versatile": 1.4, "well-made": 2.0,
    "work": 1.0, "worked": 1.2, "working": 1.0, "works": 1.4,
    "kind": 0.0, "play": 0.0, "pretty": 0.0, "support": 0.0,
}  # fmt: skip
"""Words of trade that VADER's lexicon lacks, on its scale of -4 to 4, and, at nothing, those that it takes for a mood
where customers mean a thing or a degree. On the texts that `sentiment.ENGLISH_ACCURACY` is measured on they turn as
many whole reviews right as wrong, and on balance 2.6% of the single sentences right."""
