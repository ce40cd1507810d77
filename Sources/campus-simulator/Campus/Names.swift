/// Small lists that names are made from.
enum Names {
  static let school = "滨江职业技术学院"
  static let offices = ["质量管理办公室", "教务处", "学生工作处", "后勤保障处", "信息中心", "保卫处"]

  /// Colleges with their programmes.
  static let colleges: [(name: String, programmes: [String])] = [
    ("信息工程学院", ["计算机网络技术", "软件技术", "物联网应用技术", "大数据技术"]),
    ("智能制造学院", ["机电一体化技术", "数控技术", "工业机器人技术"]),
    ("经济管理学院", ["大数据与会计", "电子商务", "现代物流管理", "市场营销"]),
    ("汽车工程学院", ["汽车检测与维修技术", "新能源汽车技术"]),
    ("建筑工程学院", ["建筑工程技术", "工程造价", "建筑室内设计"]),
    ("护理学院", ["护理", "助产", "康复治疗技术"]),
    ("旅游学院", ["旅游管理", "酒店管理与数字化运营", "空中乘务"]),
    ("艺术设计学院", ["视觉传达设计", "数字媒体艺术设计", "服装与服饰设计"]),
    ("生物与化工学院", ["应用化工技术", "药品生产技术", "食品检验检测技术"]),
    ("学前教育学院", ["学前教育", "早期教育"]),
    ("交通运输学院", ["城市轨道交通运营管理", "道路与桥梁工程技术"]),
    ("农林学院", ["园林技术", "现代农业技术", "畜牧兽医"]),
  ]

  static let courses = [
    "高等数学", "大学英语", "思想道德与法治", "体育与健康", "信息技术基础", "专业导论", "专业基础实训",
    "职业生涯规划", "应用文写作", "项目综合实践",
  ]

  static let families = Array("王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任沈姚卢")
  static let given = Array("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉玲建国华亮俊晨雨欣怡佳琪浩宇轩子涵梓思睿博雅婷嘉豪雪梅鑫凯悦瑶")
  static let canteens = ["第一食堂", "第二食堂", "第三食堂", "清真食堂"]
  static let counters = ["面食窗口", "快餐窗口", "小炒窗口"]
  static let gates = ["南门", "北门", "东门", "西门"]
  static let halls = ["博学楼", "明德楼", "笃行楼", "致远楼", "求真楼", "格物楼", "弘毅楼", "崇实楼"]
  static let dormitories = ["梅园", "兰园", "竹园", "菊园", "松园", "桂园"]

  static func person(_ dice: inout Dice) -> String {
    var name = String(dice.pick(families))
    name.append(dice.pick(given))
    if dice.chance(0.75) { name.append(dice.pick(given)) }
    return name
  }
}
